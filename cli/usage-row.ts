import type { Usage } from "#shared/metrics/usage.ts";
import { size } from "./words.ts";

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
