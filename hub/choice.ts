import { readFileSync } from "node:fs";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";

/**
 * One of several kinds, as the configuration names it, with its settings beside it. A secret stands in a file of its own:
 * `{ "kind": "powerdns", "url": "http://10.0.0.53:8081", "apiKeyFile": "/etc/wopr/powerdns-key" }`.
 */
export const Choice = z.looseObject({ kind: z.string() });
export type Choice = z.output<typeof Choice>;

interface Kind {
  readonly name: string;
  /** Which of its settings are secret. */
  readonly secrets: readonly string[];
}

/**
 * Opens what was chosen, with its secrets read from their files.
 * @param where What the configuration calls it, for example `mail`.
 * @throws {Problem} `invalid_input` for a kind that is not there, a secret that stands in the configuration itself, or a file that
 * cannot be read; and what `open` throws
 */
export function openChoice<Known extends Kind, Opened>(
  kinds: readonly Known[],
  { kind: name, ...settings }: Choice,
  where: string,
  open: (kind: Known, settings: Record<string, unknown>) => Opened,
): Opened {
  const kind = kinds.find((one) => one.name === name);
  if (kind === undefined) {
    throw new Problem("invalid_input", `${where}: there is no kind ${name}`, {
      hint: `Known are: ${kinds.map((one) => one.name).join(", ")}.`,
    });
  }
  const plain: Record<string, unknown> = { ...settings };
  for (const secret of kind.secrets) {
    if (Object.hasOwn(settings, secret)) {
      throw new Problem("invalid_input", `${where}: ${secret} is a secret and stands in the configuration`, {
        hint: `Write it into a file that only the hub's user may read, and name that file as ${secret}File.`,
      });
    }
    const file = settings[`${secret}File`];
    delete plain[`${secret}File`];
    if (file !== undefined) plain[secret] = readSecret(file, `${where}.${secret}File`);
  }
  return open(kind, plain);
}

function readSecret(file: unknown, where: string): string {
  const { data: path } = z.string().startsWith("/").safeParse(file);
  if (path === undefined) throw new Problem("invalid_input", `${where}: expected the full path of a file`);
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new Problem("invalid_input", `${where}: the file ${path} cannot be read`, { cause });
  }
}
