import type { HostFiles } from "./host-files.ts";
import type { Meter, Values } from "./meter.ts";

/** `/proc/uptime`: seconds since the start, then seconds idle summed over all cores. */
export function parseUptime(uptime: string): Values {
  const seconds = Number.parseFloat(uptime);
  return Number.isNaN(seconds) ? {} : { uptime_seconds: Math.floor(seconds) };
}

export const createUptimeMeter =
  (files: HostFiles): Meter =>
  () =>
    parseUptime(files.read("/proc/uptime") ?? "");
