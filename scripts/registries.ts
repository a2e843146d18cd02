/**
 * Writes the `index.ts` of every folder in which a file is a feature; with `--check` only says whether they are up to
 * date. Each file `noun-verb.ts` of such a folder exports one thing named `nounVerb`.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

interface Registry {
  readonly folder: string;
  /** Name of the exported array. */
  readonly name: string;
}

const registries: readonly Registry[] = [{ folder: "shared/commands", name: "commands" }];

const camelCase = (file: string) =>
  file.replace(/\.ts$/, "").replace(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());

function render({ folder, name }: Registry): string {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && file !== "index.ts")
    .sort();
  const imports = files.map((file) => `import { ${camelCase(file)} } from "./${file}";`);
  const members = files.map((file) => `  ${camelCase(file)},`);
  return [
    "// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.",
    ...imports,
    "",
    `export const ${name} = [`,
    ...members,
    "] as const;",
    "",
  ].join("\n");
}

const check = process.argv.includes("--check");
for (const registry of registries) {
  const path = `${registry.folder}/index.ts`;
  const wanted = render(registry);
  const found = (() => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  })();
  if (found === wanted) continue;
  if (check) {
    console.error(`${path} is not up to date: run npm run format`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
  }
}
