import type { Place } from "../yaml-place.ts";
import type { Reader } from "./context.ts";
import {
  readBoolean,
  readBytes,
  readDecimal,
  readDuration,
  readFields,
  readInteger,
  readOneOf,
  readPairs,
  readText,
  readTextOrTexts,
  readTexts,
} from "./values.ts";

/** The parts that readers of attributes are put together from. */
export const text: Reader = (place) => readText(place);
export const texts: Reader = (place) => readTexts(place);
export const textOrTexts: Reader = (place) => readTextOrTexts(place).map((item) => readText(item));
export const boolean: Reader = (place) => readBoolean(place);
export const integer: Reader = (place) => readInteger(place);
export const decimal: Reader = (place) => readDecimal(place);
export const bytes: Reader = (place) => String(readBytes(place));
export const duration: Reader = (place) => readDuration(place);
export const pairs: Reader = (place) => readPairs(place, () => "");

/** `true`, or nothing: what is not so is not said. */
export const flag: Reader = (place) => readBoolean(place) || undefined;

export const signedInteger =
  (least: number, most: number = Number.MAX_SAFE_INTEGER): Reader =>
  (place) => {
    const what =
      most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`;
    const value = Number(readText(place, what) || Number.NaN);
    if (!Number.isSafeInteger(value) || value < least || value > most) throw place.expected(what);
    return value;
  };

export const oneOf =
  (...choices: readonly string[]): Reader =>
  (place) =>
    readOneOf(place, choices);

export const listOf =
  (reader: Reader, what = "a list"): Reader =>
  (place, context) =>
    place.items(what).map((item) => reader(item, context));

/** A mapping with any keys. */
export const mapOf =
  (reader: Reader, what = "a mapping"): Reader =>
  (place, context) =>
    Object.fromEntries(
      place
        .members(what)
        .filter(([name]) => !name.startsWith("x-"))
        .map(([name, value]) => [name, reader(value, context)]),
    );

/** A mapping with these keys and no others; what holds nothing is as if it were not there. */
export const fields =
  (shape: Readonly<Record<string, Reader>>, required: readonly string[] = []): Reader =>
  (place, context) => {
    const given = readFields(place, "a mapping", Object.keys(shape));
    const missing = required.find((name) => given[name] === undefined);
    if (missing !== undefined) throw place.expected(`a mapping with ${missing}`);
    return present(
      Object.entries(shape).map(([name, reader]) => {
        const value = given[name];
        return [name, value === undefined ? undefined : reader(value, context)];
      }),
    );
  };

export const present = (members: readonly (readonly [string, unknown])[]): Record<string, unknown> =>
  Object.fromEntries(members.filter(([, value]) => value !== undefined));

/** Says why something that the specification has cannot be had here. */
export const refused =
  (why: string): Reader =>
  (place: Place) => {
    const name = place.path.split(".").at(-1);
    throw place.wrong(`${name} is not supported: ${why}`);
  };
