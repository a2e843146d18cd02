import type { Usage } from "#shared/metrics/usage.ts";

const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes in steps of 1024, as few digits as say something: `1.4 GB`. */
function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value.toFixed(power === 0 || value >= 10 ? 0 : 1)} ${units[power]}`;
}

const sizeOr = (bytes: number | undefined, unknown = "-") => (bytes === undefined ? unknown : size(bytes));
const rate = (bytes: number | undefined) => (bytes === undefined ? "-" : `${size(bytes)}/s`);

/** What one service uses, as it stands in a table. */
export const usageRow = (usage: Usage): string[] => [
  `${usage.instance}/${usage.service}`,
  usage.cpuPercent === undefined ? "-" : `${usage.cpuPercent.toFixed(1)} %`,
  sizeOr(usage.memoryBytes),
  sizeOr(usage.memoryLimitBytes, "no limit"),
  rate(usage.receivedPerSecond),
  rate(usage.sentPerSecond),
  rate(usage.readPerSecond),
  rate(usage.writtenPerSecond),
];
