import { Problem } from "../problem.ts";

const durationUnits = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const;
const duration = new RegExp(`(\\d+(?:\\.\\d+)?)(${Object.keys(durationUnits).join("|")})`, "g");
const byteUnits = {
  b: 1,
  k: 2 ** 10,
  kb: 2 ** 10,
  m: 2 ** 20,
  mb: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
  t: 2 ** 40,
  tb: 2 ** 40,
} as const;

const has = <Table extends object>(table: Table, key: PropertyKey): key is keyof Table => Object.hasOwn(table, key);

/**
 * A duration of the Compose Specification, such as `1m30s`, in milliseconds.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-durations
 * @throws {Problem} `compose_invalid`
 */
export function parseDurationMs(text: string): number {
  const parts = [...text.matchAll(duration)];
  if (text !== "0" && (parts.length === 0 || parts.map(([part]) => part).join("") !== text)) {
    throw new Problem("compose_invalid", `"${text}" is not a duration`, { hint: 'Write it like "30s" or "1m30s".' });
  }
  return parts.reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (has(durationUnits, unit) ? durationUnits[unit] : 0),
    0,
  );
}

/**
 * Milliseconds the way Go prints a duration: `1m0s`, `1.5s`, `500ms`, `0s`.
 * Source: https://pkg.go.dev/time#Duration.String
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1) return `${Math.round(ms * 1000)}µs`;
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = Number(((ms % 60_000) / 1000).toFixed(6));
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}

/**
 * A size of the Compose Specification, such as `64m`, in bytes.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-byte-values
 * @throws {Problem} `compose_invalid`
 */
export function parseBytes(value: string | number): number {
  const [, amount, unit = "b"] = /^(\d+(?:\.\d+)?)\s*([a-z]+)?$/.exec(String(value).toLowerCase()) ?? [];
  const bytes = has(byteUnits, unit) ? Math.round(Number(amount) * byteUnits[unit]) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new Problem("compose_invalid", `"${value}" is not a size`, { hint: 'Write it like "64m" or "1gb".' });
  }
  return bytes;
}
