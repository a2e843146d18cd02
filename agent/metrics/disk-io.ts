import type { HostFiles } from "./host-files.ts";
import type { Meter } from "./meter.ts";
import { createRates } from "./rates.ts";

/** Of `/proc/diskstats`, whatever the sector size of the device is. */
const SECTOR_BYTES = 512;

export interface DiskCounters {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/**
 * `/proc/diskstats`: major minor name, reads merged sectors ms, writes merged sectors ms, and newer fields.
 * https://www.kernel.org/doc/html/latest/admin-guide/iostats.html
 * @param counts Whether to count a device, by its name.
 */
export function parseDiskCounters(diskstats: string, counts: (device: string) => boolean): DiskCounters {
  const total = { readBytes: 0, writtenBytes: 0 };
  for (const line of diskstats.split("\n")) {
    const [, , device, , , read, , , , written] = line.trim().split(/ +/);
    if (device === undefined || !counts(device)) continue;
    total.readBytes += Number(read) * SECTOR_BYTES;
    total.writtenBytes += Number(written) * SECTOR_BYTES;
  }
  return total;
}

/** Hardware (also virtual) has a `device`; partitions, loop devices, LVM and RAID on top of it would be counted twice. */
const wholeDevice = (files: HostFiles) => (device: string) => files.exists(`/sys/block/${device}/device`);

export function createDiskIoMeter(files: HostFiles): Meter {
  const rates = createRates();
  return (atMs) => {
    const { readBytes, writtenBytes } = parseDiskCounters(files.read("/proc/diskstats") ?? "", wholeDevice(files));
    const read = rates.perSecond("read", readBytes, atMs);
    const written = rates.perSecond("written", writtenBytes, atMs);
    if (read === undefined || written === undefined) return {};
    return {
      disk_read_bytes_per_second: Math.round(read),
      disk_written_bytes_per_second: Math.round(written),
    };
  };
}
