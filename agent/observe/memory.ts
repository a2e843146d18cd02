import { readFile } from "node:fs/promises";
import type { Observed } from "#shared/observed.ts";

export type Memory = Observed["memory"];

/** Source: https://man7.org/linux/man-pages/man5/proc_meminfo.5.html (its kB are 1024 bytes) */
export function parseMeminfo(text: string): Memory {
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { totalBytes: bytes("MemTotal"), availableBytes: bytes("MemAvailable") };
}

/** The memory that there is under a limit of the control group; what is above the machine's own is no limit. */
export function limitMemory(memory: Memory, limit: { limitBytes: number; usedBytes: number } | undefined): Memory {
  if (limit === undefined || !(limit.limitBytes < memory.totalBytes)) return memory;
  return {
    totalBytes: limit.limitBytes,
    availableBytes: Math.min(memory.availableBytes, Math.max(0, limit.limitBytes - limit.usedBytes)),
  };
}

/** Limit and use in cgroup v2 (https://docs.kernel.org/admin-guide/cgroup-v2.html) and v1. A limit of `max` is none. */
const files = [
  ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"],
  ["/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"],
] as const;

export async function readMemory(): Promise<Memory> {
  const memory = parseMeminfo(await readFile("/proc/meminfo", "utf8"));
  for (const [limitFile, usedFile] of files) {
    const [limitBytes, usedBytes] = await Promise.all([readNumber(limitFile), readNumber(usedFile)]);
    if (limitBytes !== undefined && usedBytes !== undefined) return limitMemory(memory, { limitBytes, usedBytes });
  }
  return memory;
}

async function readNumber(file: string): Promise<number | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const value = Number(text.trim() === "" ? Number.NaN : text);
  return Number.isNaN(value) ? undefined : value;
}
