import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { ensureWebBuilt } from "./build-web.ts";
import { buildWhenChanged } from "./build-when-changed.ts";
import { withMachineLock } from "./machine-lock.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const absent = join(root, "scripts/release/absent.ts");

/** Packages in CommonJS ask for these, which a module does not have. */
export const commonJsNames = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = import.meta.filename;",
  "const __dirname = import.meta.dirname;",
  "globalThis.__zod_globalConfig={jitless:true};",
].join("");

/**
 * What Node is told when it runs an agent, which lives beside its owner's apps and waits most of its life: a small young generation, and
 * no machine code made for what runs a few times a minute. Measured with 20 containers: 75 MB instead of 103 MB, at the same CPU time.
 * https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-semi-space-sizesize-in-mib; the others are V8's: `node --v8-options`
 */
const nodeFlags = ["--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--no-sparkplug", "--no-maglev"];

const RELEASE = "dist/release";

/** Program and arguments that start the agent that was built; `--config <file>` is added. */
export const builtAgentCommand = [process.execPath, ...nodeFlags, join(root, RELEASE, "agent/main.js")];

/**
 * Makes of the agent one folder as it is installed on a beacon, where its sources changed since the last time: `agent/main.js` and
 * the pages it serves. One file is read at the start instead of hundreds, and what an agent never uses is left out.
 */
export async function ensureAgentBuilt({ log }: { log: (line: string) => void }): Promise<void> {
  const web = await ensureWebBuilt({ log });
  const lock = {
    name: `wopr-agent ${root}`,
    timeoutMs: 120_000,
    onWait: () => log("Another process is building the agent; waiting for it…"),
  };
  await withMachineLock(lock, () =>
    buildWhenChanged({
      what: "the agent",
      output: RELEASE,
      sources: ["agent", "mail", "shared", "ui", "package.json", "scripts/build-agent.ts", "scripts/release"],
      into: async (aside) => {
        await bundle(join(aside, "agent"));
        cpSync(web.dashboard, join(aside, "dist/dashboard"), { recursive: true });
      },
      log,
    }),
  );
}

const bundle = (outdir: string) =>
  build({
    entryPoints: [join(root, "agent/main.ts")],
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    // Licences of what is bundled.
    legalComments: "linked",
    // It has a part in machine code, which is found beside its package.
    external: ["better-sqlite3"],
    alias: {
      "@grpc/grpc-js": absent,
      "@grpc/proto-loader": absent,
      ssh2: absent,
    },
    banner: { js: commonJsNames },
    plugins: [builtinsByRequire, oneLanguage],
    logLevel: "warning",
  });

/**
 * Takes Node's own modules by `require`. An `import` of one reads each of its exports, and among those of `node:http` are WebSocket and
 * others that load undici, which is 8 MB.
 */
const builtinsByRequire: Plugin = {
  name: "builtins-by-require",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "builtin";
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace } : undefined,
    );
    onLoad({ filter: /^/, namespace }, ({ path }) => ({ contents: `module.exports = require("${path}");` }));
  },
};

/** Of the fifty languages that zod has, all of which would be in the bundle, messages are in the one that it takes by itself. */
const oneLanguage: Plugin = {
  name: "one-language",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

if (import.meta.main) await ensureAgentBuilt({ log: (line) => console.log(line) });
