import { stat, statfs } from "node:fs/promises";
import { diskSeriesName } from "#shared/metrics/sample.ts";
import type { HostFiles } from "./host-files.ts";
import type { Meter, Values } from "./meter.ts";

/** The names of series are bounded. */
const LONGEST_MOUNT = 150;

/**
 * Mount points of the file systems that hold data: what is on a block device, each once, under its shortest mount point
 * (bind mounts repeat it), and the root whatever it is on. Loop devices are read-only packages.
 * @param mounts `/proc/self/mounts`, where space, tab, newline and backslash stand as octal escapes (fstab(5)).
 */
export function parseDataMounts(mounts: string): string[] {
  const shortest = new Map<string, string>();
  for (const line of mounts.split("\n")) {
    const [device, escaped] = line.split(" ");
    if (device === undefined || escaped === undefined) continue;
    const mount = escaped.replace(/\\([0-7]{3})/g, (_escape, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const real = device.startsWith("/dev/") && !device.startsWith("/dev/loop");
    if ((!real && mount !== "/") || mount.length > LONGEST_MOUNT) continue;
    const known = shortest.get(device);
    if (known === undefined || mount.length < known.length) shortest.set(device, mount);
  }
  return [...new Set(shortest.values())].sort();
}

async function measure(mount: string): Promise<Values> {
  try {
    // In a container single files are mounted from the host's disk, such as /etc/hosts.
    if (!(await stat(mount)).isDirectory()) return {};
    const { bsize, blocks, bfree, files, ffree } = await statfs(mount);
    return {
      [diskSeriesName(mount, "used_bytes")]: (blocks - bfree) * bsize,
      [diskSeriesName(mount, "total_bytes")]: blocks * bsize,
      // File systems that make inodes as they need them, such as btrfs, have 0.
      ...(files === 0
        ? {}
        : {
            [diskSeriesName(mount, "used_inodes")]: files - ffree,
            [diskSeriesName(mount, "total_inodes")]: files,
          }),
    };
  } catch {
    // Unmounted since it was listed.
    return {};
  }
}

export const createDiskSpaceMeter =
  (files: HostFiles): Meter =>
  async () => {
    const mounts = parseDataMounts(files.read("/proc/self/mounts") ?? "");
    return Object.assign({}, ...(await Promise.all(mounts.map(measure))));
  };
