import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

/** Each is one page with its own script, served by the hub or by the beacon. */
const sites = { console: "hub/console", dashboard: "agent/dashboard" } as const;

export type SiteName = keyof typeof sites;
export const siteNames: readonly SiteName[] = ["console", "dashboard"];

const absolute = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Folders that a site is built from, relative to the repository. */
export const siteSources = (site: SiteName): readonly string[] => [sites[site], "ui", "shared"];

/** All that the pages load comes from their own origin, and nothing is inlined: they are served with `default-src 'self'`. */
export const siteConfig = (site: SiteName): UserConfig => ({
  root: absolute(sites[site]),
  publicDir: absolute("ui/public"),
  // Built under `NODE_ENV=test`, too, nothing is in it that only serves a developer.
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    outDir: absolute(`dist/${site}`),
    emptyOutDir: true,
    target: "baseline-widely-available",
    // The first that know `light-dark()`, so that it stays as it is.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What pages have in common is in chunks of its own, and what a page imports first still has to run before them.
    rolldownOptions: { output: { strictExecutionOrder: true } },
  },
});

/** `vite` and `vite build` take the site by `--mode`; `scripts/build-web.ts` builds both. */
export default defineConfig(({ mode }) => siteConfig(mode === "dashboard" ? "dashboard" : "console"));
