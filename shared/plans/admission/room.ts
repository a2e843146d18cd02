import type { ResolvedInstance } from "../../instance.ts";
import type { Observed } from "../../observed.ts";
import type { Objection } from "./objection.ts";

/** Memory is promised by what each module says that it needs, whether it uses it now or not. */
export function lackOfMemory(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const others = seen.instances.filter((known) => known.resolved.name !== resolved.name && known.desired === "running");
  const promised = others.reduce((sum, known) => sum + known.resolved.memoryBytes, 0);
  const left = seen.memory.totalBytes - promised;
  if (resolved.memoryBytes <= left) return [];
  return [
    {
      code: "out_of_memory",
      where: resolved.name,
      message: `${resolved.name} needs ${mb(resolved.memoryBytes)} of memory, and ${mb(Math.max(0, left))} of ${mb(seen.memory.totalBytes)} are not promised to others`,
      hint: "Stop or remove an app, or move to a larger server.",
    },
  ];
}

/** What is installed already has its data; only what comes is asked for. */
export function lackOfDisk(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const installed = seen.instances.some((known) => known.resolved.name === resolved.name);
  if (installed || resolved.diskBytes <= seen.disk.freeBytes) return [];
  return [
    {
      code: "disk_full",
      where: resolved.name,
      message: `${resolved.name} needs ${mb(resolved.diskBytes)} of disk, and ${mb(seen.disk.freeBytes)} are free`,
      hint: "Delete what is no longer needed, or move to a larger server.",
    },
  ];
}

const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
