const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes in steps of 1024, as few digits as say something: `1.4 GB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value.toFixed(power === 0 || value >= 10 ? 0 : 1)} ${units[power]}`;
}

const spans = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** A span of time in its two largest units: `3 d 4 h`, `40 s`. */
export function duration(ms: number): string {
  const first = spans.findIndex(([length]) => ms >= length);
  if (first === -1) return "0 s";
  let rest = ms;
  const parts = spans.slice(first, first + 2).map(([length, unit]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? "" : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
}

/** A moment as people on this machine read it, without regard to its language: `2026-11-21 14:03`. */
export function moment(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A span as it is typed: `90s`, `15m`, `6h`, `7d`. Nothing for what is none. */
export function parseSpan(text: string): number | undefined {
  const [, count, unit = "m"] = /^(\d{1,6})([smhd])?$/.exec(text) ?? [];
  const length = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return count === undefined || length === undefined ? undefined : Number(count) * length;
}

/** A value as its series means it: the unit is the end of its name. */
export function valueWords(series: string, value: number): string {
  if (series.endsWith("_bytes_per_second")) return `${size(value)}/s`;
  if (series.endsWith("_bytes")) return size(value);
  if (series.endsWith("_percent")) return `${value.toFixed(1)} %`;
  if (series.endsWith("_seconds")) return duration(value * 1_000);
  if (series.endsWith("/celsius")) return `${value.toFixed(0)} °C`;
  if (series.endsWith("_days")) return `${value.toFixed(0)} d`;
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

const bars = "▁▂▃▄▅▆▇█";

/** A course in one line, from the lowest to the highest of it; a blank where nothing was measured. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === undefined) return " ";
      const share = high === low ? 0 : (value - low) / (high - low);
      return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))];
    })
    .join("");
}
