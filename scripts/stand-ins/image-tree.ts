import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { StandIn } from "#test/images/stand-ins.ts";
import { run } from "../system/run.ts";
import { baseArguments, makeBaseSystem } from "./base-system.ts";
import { type Images, recipeLabel } from "./images.ts";
import { readRecipe, recipeHash } from "./recipe.ts";
import type { Registry } from "./registry.ts";

export interface TreeParts {
  /** Folder of the checkout. */
  readonly root: string;
  readonly registry: Registry;
  readonly images: Images;
  /** Full path of mmdebstrap. */
  readonly mmdebstrap: string;
  readonly log: (line: string) => void;
}

/** The images, each with the one below it. An image's hash covers all that is below it. */
export interface ImageTree {
  /** Whether the registry has this stand-in as its recipe is now. */
  isCurrent(standIn: StandIn): Promise<boolean>;
  /** The hash of a stand-in's recipe as it is now. */
  recipe(standIn: StandIn): string;
  /** Builds a stand-in, with what is below it, and pushes it. */
  publish(standIn: StandIn): Promise<void>;
  /** Removes from the Docker Engine what building has left there. */
  clear(): Promise<void>;
}

type Below = StandIn["from"];

/** An image as the registry knows it. */
const splitReference = (reference: string) => {
  const colon = reference.lastIndexOf(":");
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
};

export function imageTree({ root, registry, images, mmdebstrap, log }: TreeParts): ImageTree {
  const folderOf = (name: string) => join(root, "test/images", name);
  const hashOf = (name: string, ingredients: readonly string[]) => recipeHash(readRecipe(folderOf(name)), ingredients);
  // Without the path of the checkout, so that two checkouts get the same hash.
  const baseHash = hashOf("base", baseArguments("finish.sh"));
  const belowHash: Record<Below, string> = {
    base: baseHash,
    node: hashOf("node", [baseHash, process.version, process.arch]),
  };
  const recipe = ({ name, from }: StandIn) => hashOf(name, [belowHash[from]]);
  const nameInRegistry = (reference: string) => `${registry.address}/${reference}`;
  const belowReference = (below: Below) => `wopr/${below}:${belowHash[below]}`;

  const below = new Map<Below, Promise<string>>();
  const built: string[] = [];

  const timed = async (title: string, work: () => Promise<void>) => {
    const started = Date.now();
    await work();
    log(`  ${title}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  };

  /** Name of a common image that the Docker Engine has when this settles; the same promise for all who ask. */
  const bring = (from: Below): Promise<string> => {
    const known = below.get(from);
    if (known !== undefined) return known;
    const coming = bringOnce(from);
    below.set(from, coming);
    return coming;
  };

  const bringOnce = async (from: Below): Promise<string> => {
    const { repository, tag } = splitReference(belowReference(from));
    const name = nameInRegistry(belowReference(from));
    built.push(name);
    if ((await registry.recipeOf(repository, tag)) !== undefined) {
      await images.pull(name);
      return name;
    }
    if (from === "base") await timed("base (Debian or Ubuntu, as this machine)", () => makeBase(name));
    else await makeNode(name, await bring("base"));
    // Its layers are in the registry before several pushes at once would each send them.
    await images.push(name);
    return name;
  };

  const makeBase = async (name: string) => {
    const system = makeBaseSystem(mmdebstrap, baseArguments(join(folderOf("base"), "finish.sh")));
    const imported = images.importTar(name, system.archive, `${recipeLabel}=${baseHash}`);
    await Promise.all([imported, system.done()]);
  };

  const makeNode = (name: string, base: string) =>
    timed(`node (${process.version})`, async () => {
      await mkdir(join(root, ".wopr"), { recursive: true });
      const folder = mkdtempSync(join(root, ".wopr/node-image-"));
      try {
        cpSync(folderOf("node"), folder, { recursive: true });
        await copyNode(join(folder, "node"));
        await images.build({ name, folder, base, recipe: belowHash.node });
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

  return {
    recipe,

    async isCurrent(standIn) {
      const { repository, tag } = splitReference(standIn.reference);
      return (await registry.recipeOf(repository, tag)) === recipe(standIn);
    },

    async publish(standIn) {
      const base = await bring(standIn.from);
      const name = nameInRegistry(standIn.reference);
      await timed(`${standIn.name}, for ${standIn.reference}`, async () => {
        built.push(name);
        await images.build({ name, folder: folderOf(standIn.name), base, recipe: recipe(standIn) });
        await images.push(name);
      });
    },

    async clear() {
      for (const name of built.toReversed()) await images.remove(name);
    },
  };
}

/** Without its symbols Node is a sixth smaller; where there is no `strip` it goes as it is. */
async function copyNode(target: string): Promise<void> {
  try {
    await run("strip", ["-o", target, process.execPath]);
  } catch {
    cpSync(process.execPath, target);
  }
}
