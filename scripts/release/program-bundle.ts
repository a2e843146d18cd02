import type { BuildOptions } from "esbuild";
import { oneByteCharacters, oneLanguage } from "./bundle-plugins.ts";

/** Packages in CommonJS ask for these, which a module does not have. */
const commonJsNames = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = import.meta.filename;",
  "const __dirname = import.meta.dirname;",
].join("");

/** How programs for Node are made into files that start at once, whichever they are. */
export const programBundle = {
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node24",
  // Licences of what is bundled.
  legalComments: "linked",
  banner: { js: commonJsNames },
  logLevel: "warning",
  plugins: [oneLanguage, oneByteCharacters],
} as const satisfies BuildOptions;
