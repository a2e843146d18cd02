import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** One file of a recipe. */
export interface RecipeFile {
  /** Path inside the folder. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

/** All files of a folder, also in its folders. */
export const readRecipe = (folder: string): RecipeFile[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => ({ path, stat: statSync(join(folder, path)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ path, stat }) => ({
      path,
      executable: (stat.mode & 0o100) !== 0,
      content: readFileSync(join(folder, path)),
    }));

/**
 * Sixteen hexadecimal digits that change whenever an image has to be built again.
 * @param ingredients What else decides: the hash of the image below, versions, the arguments of a program.
 */
export function recipeHash(files: readonly RecipeFile[], ingredients: readonly string[]): string {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify(ingredients));
  for (const { path, executable, content } of sorted) {
    hash.update(JSON.stringify([path, executable, content.length])).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}
