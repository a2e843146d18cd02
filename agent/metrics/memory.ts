import type { HostFiles } from "./host-files.ts";
import type { Meter, Values } from "./meter.ts";

/**
 * `/proc/meminfo`, whose `kB` are 1024 bytes. Used is what could not be given to a new program: total less available;
 * kernels before 3.14 do not estimate what is available, so there it is what is free or cached.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#meminfo
 */
export function parseMemory(meminfo: string): Values {
  const bytes = new Map<string, number>();
  for (const [, name, kib] of meminfo.matchAll(/^(\w+): +(\d+) kB$/gm)) {
    if (name !== undefined) bytes.set(name, Number(kib) * 1024);
  }
  const of = (name: string) => bytes.get(name) ?? 0;
  const total = bytes.get("MemTotal");
  if (total === undefined) return {};
  const available = bytes.get("MemAvailable") ?? of("MemFree") + of("Buffers") + of("Cached");
  return {
    memory_used_bytes: Math.max(0, total - available),
    memory_total_bytes: total,
    swap_used_bytes: of("SwapTotal") - of("SwapFree"),
    swap_total_bytes: of("SwapTotal"),
  };
}

export const createMemoryMeter =
  (files: HostFiles): Meter =>
  () =>
    parseMemory(files.read("/proc/meminfo") ?? "");
