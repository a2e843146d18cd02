import { isAscii } from "node:buffer";
import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** Node's modules that a package asks for and an agent never uses, as what they are replaced with. */
const replaced: Readonly<Record<string, string>> = {
  // @hono/node-server asks whether a request came over HTTP/2, which no socket of an agent speaks.
  "node:http2": "exports.Http2ServerRequest = class {}; exports.constants = {};",
};

/**
 * Takes Node's own modules by `require`. An `import` of one reads each of its exports, and among those of `node:http` are some that
 * load undici (`lazyUndici` in https://github.com/nodejs/node/blob/v24.x/lib/http.js): 8 MB.
 */
export const builtinsByRequire: Plugin = {
  name: "builtins-by-require",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "builtin";
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace } : undefined,
    );
    onLoad({ filter: /^/, namespace }, ({ path }) => ({
      contents: replaced[path] ?? `module.exports = require("${path}");`,
    }));
  },
};

/** Of the fifty languages that zod has, all of which would be in the bundle, the one in which it says what is wrong by itself. */
export const oneLanguage: Plugin = {
  name: "one-language",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/**
 * Fails where a program has a character that is not of ASCII, which esbuild leaves in regular expressions alone: V8 keeps the whole of its
 * text then with two bytes a character.
 */
export const oneByteCharacters: Plugin = {
  name: "one-byte-characters",
  setup: ({ initialOptions, onEnd }) => {
    initialOptions.metafile = true;
    onEnd(({ metafile }) => {
      const programs = Object.keys(metafile?.outputs ?? {}).filter((file) => /\.c?js$/.test(file));
      return {
        errors: programs.filter((file) => !isAscii(readFileSync(file))).map((file) => ({ text: notAscii(file) })),
      };
    });
  },
};

const notAscii = (file: string) => {
  const [found] = /[^\0-\x7f]/.exec(readFileSync(file, "utf8")) ?? [];
  return `${file} has the character ${found} in a regular expression: write it as an escape`;
};

/** Where ws keeps what has come of a message until all of it is there: https://github.com/websockets/ws/blob/8.23.0/lib/receiver.js */
const TAKES_FRAGMENTS = "const fragments = this._fragments;";

/**
 * Empties the list in which ws keeps the parts of a message when it takes it. The list of a quiet connection is old by then, and while it
 * refers to a message, dead or not, the collector takes that for old, too: 1.7 MB a second of 10,000 agents that only the costly search of
 * everything frees.
 */
export const messagesDieYoung: Plugin = {
  name: "messages-die-young",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/ws\/lib\/receiver\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8");
      if (!contents.includes(TAKES_FRAGMENTS))
        return { errors: [{ text: `${path} is not what it was: ${TAKES_FRAGMENTS}` }] };
      return { contents: contents.replace(TAKES_FRAGMENTS, "const fragments = this._fragments.splice(0);") };
    });
  },
};
