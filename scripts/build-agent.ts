import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ensureWebBuilt } from "./build-web.ts";
import { buildRelease } from "./release/build-release.ts";
import { builtinsByRequire } from "./release/bundle-plugins.ts";
import { programBundle } from "./release/program-bundle.ts";
import { startCommand } from "./release/start-command.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const RELEASE = "dist/release";

/** Program and arguments that start the agent that was built; `--config <file>` is added. */
export const builtAgentCommand = startCommand(process.execPath, join(root, RELEASE, "agent/main.js"));

/**
 * Makes of the agent one folder as it is installed on a beacon, where its sources changed since the last time: `agent/main.js` and
 * the pages it serves. One file is read at the start instead of hundreds, and what an agent never uses is left out.
 */
export async function ensureAgentBuilt({ log }: { log: (line: string) => void }): Promise<void> {
  const web = await ensureWebBuilt({ log });
  await buildRelease({
    what: "agent",
    output: RELEASE,
    into: async (aside) => {
      await bundle(join(aside, "agent"));
      cpSync(web.dashboard, join(aside, "dist/dashboard"), { recursive: true });
    },
    log,
  });
}

const bundle = (outdir: string) =>
  build({
    ...programBundle,
    entryPoints: [join(root, "agent/main.ts")],
    outdir,
    minify: true,
    // For people, to find the place of an error: the agent does not read it.
    sourcemap: "external",
    // It has a part in machine code, which is found beside its package.
    external: ["better-sqlite3"],
    plugins: [...programBundle.plugins, builtinsByRequire],
  });

if (import.meta.main) await ensureAgentBuilt({ log: (line) => console.log(line) });
