import { suggestion } from "../nearest.ts";
import type { Place } from "../yaml-place.ts";
import type { Variables } from "./interpolate.ts";
import { splitShellWords } from "./shell-words.ts";
import { formatDuration, parseBytes, parseDurationMs } from "./units.ts";

/**
 * A text. A number is taken as it is written; one that YAML changes (`1.10`, `0644`) is refused, because the plain
 * Compose command line would make something else of it.
 */
export function readText(place: Place, what = "a text"): string {
  const value = place.scalar(what);
  if (typeof value === "number" && String(value) !== place.source) {
    throw place.expected(`${what} in quotes, because YAML reads this as the number ${value}`);
  }
  return String(value);
}

export function readInteger(place: Place, what = "a whole number"): number {
  const value = Number(readText(place, what) || Number.NaN);
  if (!Number.isSafeInteger(value) || value < 0) throw place.expected(what);
  return value;
}

export function readDecimal(place: Place, what = "a number"): number {
  const value = Number(place.scalar(what) || Number.NaN);
  if (!Number.isFinite(value) || value < 0) throw place.expected(what);
  return value;
}

export function readBoolean(place: Place): boolean {
  const value = String(place.scalar("true or false"));
  if (value !== "true" && value !== "false") throw place.expected("true or false");
  return value === "true";
}

export function readBytes(place: Place): number {
  const value = place.scalar('a size such as "64m"');
  if (typeof value === "boolean") throw place.expected('a size such as "64m"');
  return place.attempt(() => parseBytes(value));
}

export function readDuration(place: Place): string {
  const text = readText(place, 'a duration such as "30s"');
  return formatDuration(place.attempt(() => parseDurationMs(text)));
}

/** Permissions in octal, such as `0444`. */
export function readMode(place: Place): number {
  const what = "permissions in octal such as 0444";
  const value = place.scalar(what);
  const digits = /^0o?([0-7]{3,4})$/.exec(typeof value === "number" ? (place.source ?? "") : String(value))?.[1];
  if (digits === undefined) throw place.expected(what);
  return Number.parseInt(digits, 8);
}

export function readOneOf<const Choice extends string>(place: Place, choices: readonly Choice[]): Choice {
  const what = `one of ${choices.join(", ")}`;
  const text = readText(place, what);
  const choice = choices.find((known) => known === text);
  if (choice === undefined) throw place.expected(what);
  return choice;
}

export const readTexts = (place: Place): string[] => place.items("a list of texts").map((item) => readText(item));

/** One text or a list of them. */
export const readTextOrTexts = (place: Place): Place[] => (place.kind === "list" ? place.items("a list") : [place]);

/** A command: a list, or a text that is split as a shell does. */
export function readWords(place: Place): string[] {
  if (place.kind === "list") return readTexts(place);
  const words = splitShellWords(readText(place, "a command"));
  if (words === undefined) throw place.expected("a command with every quote closed");
  return words;
}

/** `KEY: value` or `- KEY=value`; `unset` says what a key without a value becomes. */
export function readPairs<Unset>(place: Place, unset: (key: string) => Unset): Record<string, string | Unset> {
  const pairs: [string, string | Unset][] =
    place.kind === "list"
      ? place.items("a list").map((item) => {
          const text = readText(item, "KEY=value");
          const end = text.indexOf("=");
          return end === -1 ? [text, unset(text)] : [text.slice(0, end), text.slice(end + 1)];
        })
      : place
          .members("a mapping or a list of KEY=value")
          .map(([key, value]) => [key, value.kind === "nothing" ? unset(key) : readText(value)]);
  return Object.fromEntries(pairs.filter(([key]) => !place.hides(key)));
}

/** A key without a value takes that of the variable of its name, and is `null` when there is none. */
export const fromVariables =
  (variables: Variables) =>
  (key: string): string | null =>
    (Object.hasOwn(variables, key) ? variables[key] : undefined) ?? null;

/** Members of a mapping by name, without those that hold nothing; `x-…` is passed over, all else is refused. */
export function readFields(
  place: Place,
  what: string,
  names: readonly string[],
): Readonly<Partial<Record<string, Place>>> {
  const members = place.members(what).filter(([name]) => !name.startsWith("x-"));
  for (const [name, value] of members) if (!names.includes(name)) throw unsupported(value, name, names);
  return Object.fromEntries(members.filter(([, value]) => value.kind !== "nothing"));
}

export const unsupported = (place: Place, name: string, names: readonly string[]) =>
  place.wrong(
    `${name} is not supported${suggestion(name, names)}`,
    names.length === 0 ? undefined : `Supported here: ${names.join(", ")}.`,
  );
