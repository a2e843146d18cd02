import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { siteFiles } from "#hub/http/site/assets.ts";
import { ensureWebBuilt } from "./build-web.ts";
import { buildRelease } from "./release/build-release.ts";
import { messagesDieYoung } from "./release/bundle-plugins.ts";
import { programBundle } from "./release/program-bundle.ts";
import { startHubCommand } from "./release/start-command.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const absent = join(root, "scripts/release/absent.ts");
const RELEASE = "dist/hub-release";

/** Program and arguments that start the hub that was built; `--config <file>` is added. */
export const builtHubCommand = startHubCommand(process.execPath, join(root, RELEASE, "hub/main.js"));

/** Makes of the hub one folder as it is installed, where its sources changed since the last time: `hub/main.js`, `hub/signer/main.js`
 * and the console. */
export async function ensureHubBuilt({ log }: { log: (line: string) => void }): Promise<void> {
  const web = await ensureWebBuilt({ log });
  await buildRelease({
    what: "hub",
    output: RELEASE,
    into: async (aside) => {
      await bundle(join(aside, "hub"));
      cpSync(web.console, join(aside, "dist/console"), { recursive: true });
      copySiteFiles(aside);
    },
    log,
  });
}

const bundle = (outdir: string) =>
  bundleHub({ main: join(root, "hub/main.ts"), "signer/main": join(root, "hub/signer/main.ts") }, outdir);

/** Makes programs that start a hub into ones that start at once. @param programs By what they become, without `.js`. */
export const bundleHub = (programs: Readonly<Record<string, string>>, outdir: string) =>
  build({
    ...programBundle,
    entryPoints: { ...programs, "store/checkpoint-thread": join(root, "hub/store/checkpoint-thread.ts") },
    outdir,
    minifySyntax: true,
    minifyWhitespace: true,
    // One has a part in machine code, the other reads its fonts beside it.
    external: ["better-sqlite3", "pdfkit"],
    plugins: [...programBundle.plugins, messagesDieYoung],
    alias: { "@grpc/grpc-js": absent, "@grpc/proto-loader": absent, ssh2: absent },
  });

/** What the public site reads beside its program. */
export function copySiteFiles(release: string): void {
  for (const file of siteFiles) cpSync(join(root, file), join(release, file));
}

if (import.meta.main) await ensureHubBuilt({ log: (line) => console.log(line) });
