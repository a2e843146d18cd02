import type { HostFiles } from "./host-files.ts";
import { type Meter, round2 } from "./meter.ts";
import { createRates } from "./rates.ts";

/** Of `/proc/diskstats`, whatever the sector size of the device is. */
const SECTOR_BYTES = 512;

/** Since the machine started. */
export interface DiskCounters {
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly operations: number;
  /** Milliseconds in which the device had something to do, by device. */
  readonly busyMs: ReadonlyMap<string, number>;
}

/**
 * `/proc/diskstats`: major minor name, reads merged sectors ms, writes merged sectors ms, in flight, busy ms, weighted ms, and
 * newer fields. https://www.kernel.org/doc/html/latest/admin-guide/iostats.html
 * @param counts Whether to count a device, by its name.
 */
export function parseDiskCounters(diskstats: string, counts: (device: string) => boolean): DiskCounters {
  const total = { readBytes: 0, writtenBytes: 0, operations: 0 };
  const busyMs = new Map<string, number>();
  for (const line of diskstats.split("\n")) {
    const [, , device, reads, , read, , writes, , written, , , busy] = line.trim().split(/ +/);
    if (device === undefined || !counts(device)) continue;
    total.readBytes += Number(read) * SECTOR_BYTES;
    total.writtenBytes += Number(written) * SECTOR_BYTES;
    total.operations += Number(reads) + Number(writes);
    busyMs.set(device, Number(busy));
  }
  return { ...total, busyMs };
}

/** Hardware (also virtual) has a `device`; partitions, loop devices, LVM and RAID on top of it would be counted twice. */
const wholeDevice = (files: HostFiles) => (device: string) => files.exists(`/sys/block/${device}/device`);

/** `disk_busy_percent` is that of the busiest device: one that is full of work is not made good by another one's leisure. */
export function createDiskIoMeter(files: HostFiles): Meter {
  const rates = createRates();
  return (atMs) => {
    const counters = parseDiskCounters(files.read("/proc/diskstats") ?? "", wholeDevice(files));
    const read = rates.perSecond("read", counters.readBytes, atMs);
    const written = rates.perSecond("written", counters.writtenBytes, atMs);
    const operations = rates.perSecond("operations", counters.operations, atMs);
    const busyMsPerSecond = [...counters.busyMs].map(
      ([device, ms]) => rates.perSecond(`${device} busy`, ms, atMs) ?? 0,
    );
    if (read === undefined || written === undefined || operations === undefined) return {};
    return {
      disk_read_bytes_per_second: Math.round(read),
      disk_written_bytes_per_second: Math.round(written),
      disk_operations_per_second: round2(operations),
      disk_busy_percent: round2(Math.min(100, Math.max(0, ...busyMsPerSecond) / 10)),
    };
  };
}
