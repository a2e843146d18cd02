import { posix } from "node:path";
import type { HostFiles } from "./host-files.ts";

/** One mounted hierarchy of control groups: where it is, and which of its folders is mounted there. */
interface Hierarchy {
  readonly mount: string;
  readonly root: string;
}

/** Hierarchies by controller (`memory`, `cpuacct`); version 2 has one for all of them, under the empty name. */
export type CgroupMounts = ReadonlyMap<string, Hierarchy>;

/**
 * `/proc/self/mountinfo`: id parent major:minor root mount options … - type source super-options (proc(5)). The
 * controllers of a version 1 hierarchy are among its super-options.
 */
export function parseCgroupMounts(mountinfo: string): CgroupMounts {
  const mounts = new Map<string, Hierarchy>();
  for (const line of mountinfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const [, , , root, mount] = left?.split(" ") ?? [];
    const [type, , options] = right?.split(" ") ?? [];
    if (root === undefined || mount === undefined) continue;
    if (type === "cgroup2") mounts.set("", { mount, root });
    if (type === "cgroup") for (const option of options?.split(",") ?? []) mounts.set(option, { mount, root });
  }
  return mounts;
}

/** `/proc/<pid>/cgroup`: lines `id:controllers:path`; that of version 2 is `0::path` (cgroups(7)). */
export function parseCgroupPaths(cgroup: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of cgroup.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(",")) paths.set(controller, path);
  }
  return paths;
}

export interface CgroupUsage {
  /** CPU time used since it started. */
  readonly cpuMs: number;
  /** Without the file cache that the kernel can drop at once, as `docker stats` counts. Absent where the kernel does not count it. */
  readonly memoryBytes?: number;
  /** Absent where there is none. */
  readonly memoryLimitBytes?: number;
  /** Since it started; absent before the first of it. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);

/**
 * What the control group of a process uses, whichever version of them and whoever named it (`/docker/<id>`,
 * `/system.slice/docker-<id>.scope`): the kernel itself says where it is. `undefined` when the process is gone.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html,
 * https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html
 */
export function readCgroupUsage(files: HostFiles, mounts: CgroupMounts, pid: number): CgroupUsage | undefined {
  const paths = parseCgroupPaths(files.read(`/proc/${pid}/cgroup`) ?? "");
  const read = (controller: string, file: string): string => {
    const hierarchy = mounts.get(controller);
    const path = paths.get(controller);
    if (hierarchy === undefined || path === undefined) return "";
    return files.read(posix.join(hierarchy.mount, posix.relative(hierarchy.root, path), file)) ?? "";
  };
  const isVersion1 = paths.has("memory");
  const usage = isVersion1
    ? {
        cpuMs: Number.parseInt(read("cpuacct", "cpuacct.usage"), 10) / 1e6,
        memoryBytes:
          Number.parseInt(read("memory", "memory.usage_in_bytes"), 10) -
          field(read("memory", "memory.stat"), "total_inactive_file"),
      }
    : {
        cpuMs: field(read("", "cpu.stat"), "usage_usec") / 1e3,
        memoryBytes: Number.parseInt(read("", "memory.current"), 10) - field(read("", "memory.stat"), "inactive_file"),
      };
  if (Number.isNaN(usage.cpuMs)) return undefined;
  const limit = isVersion1 ? read("memory", "memory.limit_in_bytes") : read("", "memory.max");
  const memoryLimitBytes = Number.parseInt(limit, 10);
  const isLimited = memoryLimitBytes < NO_LIMIT;
  const disks = isVersion1 ? read("blkio", "blkio.throttle.io_service_bytes_recursive") : read("", "io.stat");
  return {
    cpuMs: usage.cpuMs,
    ...(Number.isNaN(usage.memoryBytes) ? {} : { memoryBytes: Math.max(0, usage.memoryBytes) }),
    ...(isLimited ? { memoryLimitBytes } : {}),
    ...(disks === ""
      ? {}
      : {
          readBytes: sumOf(disks, isVersion1 ? /^\S+ Read (\d+)$/gm : / rbytes=(\d+)/g),
          writtenBytes: sumOf(disks, isVersion1 ? /^\S+ Write (\d+)$/gm : / wbytes=(\d+)/g),
        }),
  };
}

/** Version 1 says "none" by a number near the largest there is, version 2 by `max`. */
const NO_LIMIT = 2 ** 60;

const sumOf = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
