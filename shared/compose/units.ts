import { Problem } from "../problem.ts";

const durationUnits = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const byteUnits = { b: 1, k: 2 ** 10, kb: 2 ** 10, m: 2 ** 20, mb: 2 ** 20, g: 2 ** 30, gb: 2 ** 30 } as const;

const has = <Table extends object>(table: Table, key: PropertyKey): key is keyof Table => Object.hasOwn(table, key);

/**
 * A duration of the Compose Specification, such as `1m30s`, in milliseconds.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-durations
 * @throws {Problem} `compose_invalid`
 */
export function parseDurationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Problem("compose_invalid", `"${text}" is not a duration`, { hint: 'Write it like "30s" or "1m30s".' });
  }
  return parts.reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (has(durationUnits, unit) ? durationUnits[unit] : 0),
    0,
  );
}

/**
 * A size of the Compose Specification, such as `64m`, in bytes.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-byte-values
 * @throws {Problem} `compose_invalid`
 */
export function parseBytes(value: string | number): number {
  const [, amount, unit = "b"] = /^(\d+(?:\.\d+)?)\s*([a-z]+)?$/.exec(String(value).toLowerCase()) ?? [];
  if (amount === undefined || !has(byteUnits, unit)) {
    throw new Problem("compose_invalid", `"${value}" is not a size`, { hint: 'Write it like "64m" or "1gb".' });
  }
  return Math.round(Number(amount) * byteUnits[unit]);
}
