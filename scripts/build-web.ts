import { fileURLToPath } from "node:url";
import { build } from "vite";
import { type SiteName, siteConfig, siteSources } from "../vite.config.ts";
import { buildWhenChanged } from "./build-when-changed.ts";
import { withMachineLock } from "./machine-lock.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Absolute folders. */
export interface BuiltWeb {
  readonly console: string;
  readonly dashboard: string;
}

/**
 * Builds the pages of the console and of the dashboard where their sources changed since the last time.
 * @returns the folders to be served
 */
export function ensureWebBuilt({ log }: { log: (line: string) => void }): Promise<BuiltWeb> {
  const lock = {
    name: `wopr-web ${root}`,
    timeoutMs: 120_000,
    onWait: () => log("Another process is building the pages; waiting for it…"),
  };
  const site = (name: SiteName) =>
    buildWhenChanged({
      what: `the pages of the ${name}`,
      output: `dist/${name}`,
      sources: ["vite.config.ts", ...siteSources(name)],
      into: (outDir) => {
        const config = siteConfig(name);
        return build({ ...config, build: { ...config.build, outDir }, configFile: false, logLevel: "warn" });
      },
      log,
    });
  return withMachineLock(lock, async () => ({ console: await site("console"), dashboard: await site("dashboard") }));
}

if (import.meta.main) await ensureWebBuilt({ log: (line) => console.log(line) });
