import { join } from "node:path";
import { standIns } from "#test/images/stand-ins.ts";
import { withMachineLock } from "./machine-lock.ts";
import { imageTree } from "./stand-ins/image-tree.ts";
import { connectImages, recipeLabel } from "./stand-ins/images.ts";
import { type Registry, startRegistry } from "./stand-ins/registry.ts";

export { upstreamAnswers } from "./stand-ins/upstream-answers.ts";

export interface StandInOptions {
  /** Takes one line for people. */
  readonly log: (line: string) => void;
  /** Names of the stand-ins that are wanted; all when absent. */
  readonly only?: readonly string[];
  /** Full paths of the two programs, as `prepareSystem` found them. */
  readonly programs?: { readonly registry: string; readonly mmdebstrap: string };
}

/** A local registry that serves the stand-ins for as long as this process lives. */
export interface StandInMirror {
  /** `127.0.0.1:PORT`. An image `HOST/REPOSITORY:TAG` is pulled from it as `127.0.0.1:PORT/HOST/REPOSITORY:TAG`. */
  readonly mirror: string;
  stop(): Promise<void>;
}

/** Begins the recipe of an image that a test of this code has made, and removes itself. */
export const testRecipe = "test-";

const root = join(import.meta.dirname, "..");

/**
 * Serves the stand-in images, and builds those that are missing or whose recipe has changed. What is built is kept in
 * `.wopr/registry`; the Docker Engine is left with none of it, so that a pull really pulls. Needs root's rights, a
 * running Docker Engine, and the programs docker-registry and mmdebstrap.
 * @throws {Error} when an image cannot be built, with the end of the build's output.
 */
export async function ensureStandIns({ log, only, programs }: StandInOptions): Promise<StandInMirror> {
  const wanted = standIns.filter(({ name }) => only?.includes(name) ?? true);
  const { registry: program, mmdebstrap } = programs ?? { registry: "docker-registry", mmdebstrap: "mmdebstrap" };
  const lock = {
    name: "wopr-stand-ins",
    timeoutMs: 600_000,
    onWait: () => log("Another process is preparing the stand-in images; waiting for it…"),
  };
  return await withMachineLock(lock, async () => {
    const registry = await startRegistry({ program, directory: join(root, ".wopr/registry") });
    try {
      await build(wanted, { registry, mmdebstrap, log });
    } catch (error) {
      await registry.stop();
      throw error;
    }
    return { mirror: registry.address, stop: () => registry.stop() };
  });
}

/**
 * Removes every stand-in from the Docker Engine that no container uses, so that upstream's names mean upstream's images
 * again. What `.wopr/registry` keeps is not touched.
 */
export const removeStandInImages = (): Promise<void> => connectImages().removeBuilt(recipeLabel, () => true);

interface Workshop {
  readonly registry: Registry;
  readonly mmdebstrap: string;
  readonly log: (line: string) => void;
}

async function build(wanted: typeof standIns, { registry, mmdebstrap, log }: Workshop): Promise<void> {
  const started = Date.now();
  const images = connectImages();
  const tree = imageTree({ root, registry, mmdebstrap, log, images });
  // Whoever has pulled a stand-in has it under upstream's name, and would not pull again when its recipe changes.
  const current = new Set(standIns.map((standIn) => tree.recipe(standIn)));
  await images.removeBuilt(recipeLabel, (recipe) => !current.has(recipe) && !recipe.startsWith(testRecipe));
  const stale: (typeof standIns)[number][] = [];
  for (const standIn of wanted) if (!(await tree.isCurrent(standIn))) stale.push(standIn);
  if (stale.length === 0) return;
  log(`Building stand-in images, once: ${stale.map(({ name }) => name).join(", ")}…`);
  try {
    // All are waited for, also after a failure: none may go on building when the lock is given back.
    const outcomes = await Promise.allSettled(stale.map((standIn) => tree.publish(standIn)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  } finally {
    await tree.clear();
  }
  log(`Built the stand-in images in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}
