import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { memoryNeedMb } from "#shared/catalog/offer.ts";
import { Problem } from "#shared/problem.ts";

export interface Fit {
  readonly beacon: string;
  /** Modules that are to be on it. */
  readonly modules: readonly string[];
  /** Of the server. */
  readonly memoryMb: number;
  /** Used on its disk; nothing where nobody knows. */
  readonly usedBytes?: number | undefined;
  /** What was bought; no limit when absent. */
  readonly storageGb?: number | undefined;
}

const listed = new Map(moduleDirectory.map((module) => [module.id, module]));

/** Why what is on a beacon would not fit into less; nothing when it does. Pure. */
export function planFit({ beacon, modules, memoryMb, usedBytes, storageGb }: Fit): Problem | undefined {
  const needMb = memoryNeedMb(modules, listed);
  if (needMb > memoryMb) {
    return new Problem(
      "out_of_memory",
      `the apps on ${beacon} need ${gb(needMb)} GB of memory, and the server would have ${gb(memoryMb)} GB`,
      { hint: "Remove apps, or choose a larger tier.", details: { needMb, memoryMb, modules } },
    );
  }
  if (usedBytes === undefined || storageGb === undefined || usedBytes <= storageGb * GB) return undefined;
  return new Problem(
    "disk_full",
    `${beacon} uses ${Math.ceil(usedBytes / GB)} GB of its disk, and would have ${storageGb} GB`,
    { hint: "Delete data, or choose more room for it.", details: { usedBytes, storageGb } },
  );
}

const GB = 1e9;
const gb = (memoryMb: number) => (memoryMb / 1024).toFixed(memoryMb % 1024 === 0 ? 0 : 1);
