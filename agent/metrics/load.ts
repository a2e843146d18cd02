import type { HostFiles } from "./host-files.ts";
import type { Meter, Values } from "./meter.ts";

/** `/proc/loadavg`: processes that run or wait for a disk, as averages over 1, 5 and 15 minutes. */
export function parseLoad(loadavg: string): Values {
  const [one, five, fifteen] = loadavg.split(" ").map(Number);
  if (one === undefined || five === undefined || fifteen === undefined) return {};
  return { load_1: one, load_5: five, load_15: fifteen };
}

export const createLoadMeter =
  (files: HostFiles): Meter =>
  () =>
    parseLoad(files.read("/proc/loadavg") ?? "");
