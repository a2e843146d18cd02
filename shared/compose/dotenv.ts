import { Problem } from "../problem.ts";
import { interpolate, type Variables } from "./interpolate.ts";

const line =
  /^\s*(?:export\s+)?(?<key>[A-Za-z_][\w.-]*)\s*(?:(?<separator>[=:])[ \t]*(?:'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)"|(?<bare>(?!['"])[^\n]*?))?)?[ \t]*(?:\s#[^\n]*)?$/gm;

export interface EnvFile {
  /** As it stands in messages. */
  readonly path: string;
  readonly text: string;
  /** What `${…}` in it may name, besides what the file itself sets before. */
  readonly variables: Variables;
  /** `raw`: a value is what stands behind the first `=`, quotes and dollar signs included. */
  readonly format?: "raw" | undefined;
}

/**
 * Reads `.env` and the files of `env_file`. A key without a value is `null`.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file-format
 * @throws {Problem} `compose_invalid` with file and line
 */
export function parseEnvFile({ path, text, variables, format }: EnvFile): Record<string, string | null> {
  const lines = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  return format === "raw" ? rawPairs(lines) : quotedPairs(lines, path, variables);
}

const rawPairs = (text: string) =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((entry) => entry.trim() !== "" && !entry.startsWith("#"))
      .map((entry): [string, string | null] => {
        const end = entry.indexOf("=");
        return end === -1 ? [entry.trim(), null] : [entry.slice(0, end).trim(), entry.slice(end + 1)];
      }),
  );

function quotedPairs(text: string, path: string, variables: Variables): Record<string, string | null> {
  const found: Record<string, string | null> = {};
  const known: Record<string, string> = { ...variables };
  const matcher = new RegExp(line);
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at) === -1 ? text.length : text.indexOf("\n", at);
    const entry = text.slice(at, end);
    if (/^\s*(?:#|$)/.test(entry)) {
      at = end + 1;
      continue;
    }
    matcher.lastIndex = at;
    const match = matcher.exec(text);
    const number = text.slice(0, at).split("\n").length;
    if (match?.index !== at || match.groups === undefined) {
      throw new Problem("compose_invalid", `${path}:${number}: expected KEY=value, with every quote closed`);
    }
    const { key = "", separator, single, double, bare } = match.groups;
    at += match[0].length + 1;
    if (separator === undefined) {
      found[key] = null;
      continue;
    }
    const value = single ?? filled({ double, bare, path, number, known });
    found[key] = value;
    known[key] = Object.hasOwn(variables, key) ? (variables[key] ?? value) : value;
  }
  return found;
}

interface Unfilled {
  readonly double: string | undefined;
  readonly bare: string | undefined;
  readonly path: string;
  readonly number: number;
  readonly known: Variables;
}

function filled({ double, bare = "", path, number, known }: Unfilled): string {
  const text = double === undefined ? bare.replace(/(?:^|\s)#.*$/, "").trim() : unescaped(double);
  try {
    return interpolate(text, known);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.code, `${path}:${number}: ${error.message}`, { hint: error.hint });
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$$" };

const unescaped = (text: string) =>
  text.replace(/\\([nrt"\\$])/g, (_whole, letter: string) => escapes[letter] ?? letter);
