/**
 * Writes the `index.ts` of every folder in which a file is a feature; with `--check` only says whether they are up to
 * date. Works on the current folder. Each file `noun-verb.ts` of such a folder exports one thing named `nounVerb`, plus
 * the registry's suffix.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

interface Registry {
  readonly folder: string;
  /** Name of the exported array. */
  readonly name: string;
  /** Files that are no members: what they have in common, such as their interface. */
  readonly except?: readonly string[];
  /** What follows the name of the file in the name of its export, for example `Provider` for `localProvider`. */
  readonly suffix?: string;
}

const registries: readonly Registry[] = [
  { folder: "shared/commands", name: "commands" },
  { folder: "shared/channels", name: "channelKinds", except: ["channel.ts"] },
  {
    folder: "hub/providers",
    name: "providerKinds",
    except: ["provider.ts", "local.ts", "own-provider.ts", "choose-provider.ts", "provider-accounts.ts", "market.ts"],
    suffix: "Provider",
  },
  { folder: "hub/dns", name: "dnsKinds", except: ["dns.ts"], suffix: "Dns" },
  { folder: "mail", name: "mailerKinds", except: ["mailer.ts", "smtp-settings.ts"], suffix: "Mailer" },
];

const camelCase = (file: string) =>
  file.replace(/\.ts$/, "").replace(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());

function render({ folder, name, except = [], suffix = "" }: Registry): string {
  const members = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && file !== "index.ts" && !except.includes(file))
    .sort()
    .map((file) => ({ file, exported: camelCase(file) + suffix }));
  const list = members.map(({ exported }) => exported).join(", ");
  const oneLine = `export const ${name} = [${list}] as const;`;
  return [
    "// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.",
    ...members.map(({ file, exported }) => `import { ${exported} } from "./${file}";`),
    "",
    // As the formatter would have it, so that the two never disagree.
    ...(oneLine.length <= LINE_WIDTH
      ? [oneLine]
      : [`export const ${name} = [`, ...members.map(({ exported }) => `  ${exported},`), "] as const;"]),
    "",
  ].join("\n");
}

const LINE_WIDTH = 120;

const check = process.argv.includes("--check");
for (const registry of registries.filter(({ folder }) => existsSync(folder))) {
  const path = `${registry.folder}/index.ts`;
  const wanted = render(registry);
  if (existsSync(path) && readFileSync(path, "utf8") === wanted) continue;
  if (check) {
    console.error(`${path} is not up to date: run npm run format`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
  }
}
