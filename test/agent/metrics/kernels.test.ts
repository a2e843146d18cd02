import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseCgroupMounts, readCgroupUsage } from "#agent/metrics/cgroup.ts";
import { createContainersMeter } from "#agent/metrics/containers.ts";
import { countCores, createCpuMeter } from "#agent/metrics/cpu.ts";
import { createDiskIoMeter, parseDiskCounters } from "#agent/metrics/disk-io.ts";
import { parseDataMounts } from "#agent/metrics/disk-space.ts";
import { createHostFiles, type HostFiles } from "#agent/metrics/host-files.ts";
import { createLoadMeter } from "#agent/metrics/load.ts";
import { createMemoryMeter } from "#agent/metrics/memory.ts";
import type { Meter } from "#agent/metrics/meter.ts";
import { createNetworkMeter, outerInterface, parseNetworkCounters } from "#agent/metrics/network.ts";
import { createPressureMeter } from "#agent/metrics/pressure.ts";
import { createProcessesMeter } from "#agent/metrics/processes.ts";
import { createTemperaturesMeter } from "#agent/metrics/temperatures.ts";
import { createUptimeMeter } from "#agent/metrics/uptime.ts";

const KIB = 1024;
const pressures = ["cpu", "memory", "memory_full", "io", "io_full"].map((name) => `pressure_${name}_percent`);
const limited = {
  cpuMs: 5100.2,
  memoryBytes: 83_886_080,
  memoryLimitBytes: 268_435_456,
  readBytes: 4096,
  writtenBytes: 8192,
};

/** What each machine's files say, by the meters of the agent. */
const machines = {
  "debian-10-4.19-hybrid": {
    cores: 2,
    totalKib: 4_040_908,
    swapKib: 1_048_572,
    mounts: ["/"],
    operations: 82_011 + 120_331,
    uptime: 610_220,
    pressures: [],
    temperatures: {},
    container: limited,
  },
  "debian-11-5.10-cgroup-v2": {
    cores: 4,
    totalKib: 8_148_220,
    swapKib: 1_048_572,
    mounts: ["/", "/boot"],
    operations: 92_011 + 220_331,
    uptime: 99_120,
    pressures,
    temperatures: { "temperature/drivetemp temp1/celsius": 31 },
    container: limited,
  },
  "ubuntu-24.04-6.8-cgroup-v2": {
    cores: 2,
    totalKib: 2_004_120,
    swapKib: 1_048_572,
    mounts: ["/", "/boot/efi"],
    operations: 82_011 + 120_331,
    uptime: 4120,
    pressures,
    temperatures: {},
    container: { cpuMs: 5100.2, memoryBytes: 83_886_080 },
  },
  "arm64-6.1-cgroup-v2": {
    cores: 4,
    totalKib: 3_885_396,
    swapKib: 0,
    mounts: ["/", "/boot/firmware"],
    operations: 42_011 + 20_331,
    uptime: 200,
    pressures: [],
    temperatures: { "temperature/cpu_thermal temp1/celsius": 48.7 },
    container: { cpuMs: 5100.2, readBytes: 4096, writtenBytes: 8192 },
  },
} as const;

const open = (name: string) => createHostFiles(fileURLToPath(new URL(`../../fixtures/proc/${name}`, import.meta.url)));
const twice = async (meter: Meter) => {
  await meter(0);
  return meter(1000);
};

describe.each(Object.entries(machines))("%s", (name, is) => {
  const files = open(name);

  it("has its cores, load, memory, swap and uptime", async () => {
    expect(countCores(files.read("/proc/stat") ?? "")).toBe(is.cores);
    expect(await createLoadMeter(files)(0)).toEqual({ load_1: 0.42, load_5: 0.31, load_15: 0.25 });
    expect(await createMemoryMeter(files)(0)).toEqual({
      memory_used_bytes: (is.totalKib - Math.floor(is.totalKib / 2)) * KIB,
      memory_total_bytes: is.totalKib * KIB,
      swap_used_bytes: (is.swapKib === 0 ? 0 : 8192) * KIB,
      swap_total_bytes: is.swapKib * KIB,
    });
    expect(await createUptimeMeter(files)(0)).toEqual({ uptime_seconds: is.uptime });
    expect(await createProcessesMeter(files)(0)).toMatchObject({
      processes_running_count: 2,
      processes_blocked_count: 1,
    });
  });

  it("has CPU time by mode", async () => {
    const busy = (files.read("/proc/stat") ?? "").replace(
      /^cpu {2}(\d+) (\d+) (\d+) (\d+) (\d+)/m,
      (_line, user, nice, system, idle, iowait) =>
        `cpu  ${Number(user) + 30} ${nice} ${Number(system) + 10} ${Number(idle) + 50} ${Number(iowait) + 10}`,
    );
    const readings = [files.read("/proc/stat"), busy];
    expect(await twice(createCpuMeter({ ...files, read: () => readings.shift() }))).toEqual({
      cpu_percent: 40,
      cpu_user_percent: 30,
      cpu_system_percent: 10,
      cpu_iowait_percent: 10,
      cpu_steal_percent: 0,
    });
  });

  it("has its file systems, and the work of its disks, each once", async () => {
    expect(parseDataMounts(files.read("/proc/self/mounts") ?? "")).toEqual(is.mounts);
    const whole = (device: string) => files.exists(`/sys/block/${device}/device`);
    expect(parseDiskCounters(files.read("/proc/diskstats") ?? "", whole).operations).toBe(is.operations);
    expect(await twice(createDiskIoMeter(files))).toMatchObject({
      disk_busy_percent: 0,
      disk_operations_per_second: 0,
    });
  });

  it("has its network, without what stays inside", async () => {
    const counters = parseNetworkCounters(files.read("/proc/net/dev") ?? "", outerInterface);
    expect(counters).toEqual({ receivedBytes: 700_100_200, sentBytes: 300_400_500, errors: 10 });
    expect(Object.keys(await twice(createNetworkMeter(files)))).toHaveLength(3);
  });

  it("has pressure and temperatures where it tells them", async () => {
    expect(Object.keys(await twice(createPressureMeter(files))).sort()).toEqual([...is.pressures].sort());
    expect(await createTemperaturesMeter(files)(0)).toEqual(is.temperatures);
  });

  it("has what a container uses", () => {
    const mounts = parseCgroupMounts(files.read("/proc/self/mountinfo") ?? "");
    expect(readCgroupUsage(files, mounts, 4711)).toEqual(is.container);
  });

  it("is measured as far as it can be, whichever file is missing", async () => {
    const redis = { id: "c", pid: 4711, instance: "redis", service: "redis", restarts: 0 };
    const meters = (some: HostFiles): Meter[] => [
      createCpuMeter(some),
      createLoadMeter(some),
      createMemoryMeter(some),
      createDiskIoMeter(some),
      createNetworkMeter(some),
      createPressureMeter(some),
      createProcessesMeter(some),
      createTemperaturesMeter(some),
      createUptimeMeter(some),
      createContainersMeter(some, async () => [redis]),
    ];
    const asked = new Set<string>();
    const noting = (path: string) => {
      asked.add(path);
      return files.read(path);
    };
    for (const meter of meters({ ...files, read: noting })) await twice(meter);
    expect(asked.size).toBeGreaterThan(10);
    for (const missing of asked) {
      for (const text of [undefined, "", "nonsense\n"]) {
        const without = { ...files, read: (path: string) => (path === missing ? text : files.read(path)) };
        for (const meter of meters(without)) {
          const values = Object.entries(await twice(meter));
          expect(
            values.filter(([, value]) => !Number.isFinite(value)),
            `${missing} is ${text}`,
          ).toEqual([]);
        }
      }
    }
  });
});
