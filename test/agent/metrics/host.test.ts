import { statfsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { countCores, cpuShares, createCpuMeter, parseCpuTicks } from "#agent/metrics/cpu.ts";
import { createDiskIoMeter } from "#agent/metrics/disk-io.ts";
import { createDiskSpaceMeter, parseDataMounts } from "#agent/metrics/disk-space.ts";
import { createHostFiles, type HostFiles } from "#agent/metrics/host-files.ts";
import { createLoadMeter } from "#agent/metrics/load.ts";
import { createMemoryMeter } from "#agent/metrics/memory.ts";
import { createNetworkMeter, outerInterface, parseNetworkCounters } from "#agent/metrics/network.ts";
import { createPressureMeter } from "#agent/metrics/pressure.ts";
import { createProcessesMeter } from "#agent/metrics/processes.ts";
import { createTemperaturesMeter } from "#agent/metrics/temperatures.ts";
import { createUpkeepMeter } from "#agent/metrics/upkeep.ts";
import { createUptimeMeter } from "#agent/metrics/uptime.ts";
import { diskSeries } from "#shared/metrics/sample.ts";

const machine = (name: string) =>
  createHostFiles(fileURLToPath(new URL(`../../fixtures/proc/${name}`, import.meta.url)));
const machines = {
  vm: machine("vm-6.18-cgroup-v1"),
  vps: machine("vps-6.1-cgroup-v2"),
  old: machine("server-3.10"),
};

/** The same machine with one file changed. */
const changed = (files: HostFiles, path: string, text: string): HostFiles => ({
  ...files,
  read: (asked) => (asked === path ? text : files.read(asked)),
});

describe("cpu", () => {
  it("reads every kernel's number of columns", () => {
    const ticks = { user: 30, system: 43, iowait: 5, steal: 8, idle: 400 };
    expect(parseCpuTicks("cpu  10 20 30 400 5 6 7 8 9 0\n")).toEqual(ticks);
    expect(parseCpuTicks("cpu  10 20 30 400\n")).toEqual({ user: 30, system: 30, iowait: 0, steal: 0, idle: 400 });
    expect(parseCpuTicks(machines.old.read("/proc/stat") ?? "")).toMatchObject({ idle: 22_625_563, iowait: 6290 });
    expect(parseCpuTicks("nothing")).toBeUndefined();
  });

  it("counts the cores", () => {
    expect(Object.values(machines).map((files) => countCores(files.read("/proc/stat") ?? ""))).toEqual([2, 4, 2]);
  });

  it("tells the shares between two readings, never outside 0 to 100", () => {
    const before = { user: 10, system: 10, iowait: 5, steal: 0, idle: 75 };
    expect(cpuShares(before, { user: 25, system: 15, iowait: 15, steal: 5, idle: 140 })).toEqual({
      cpu_percent: 25,
      cpu_user_percent: 15,
      cpu_system_percent: 5,
      cpu_iowait_percent: 10,
      cpu_steal_percent: 5,
    });
    expect(cpuShares(before, { ...before, user: 110, idle: 74 }).cpu_percent).toBe(100);
    expect(cpuShares(before, { ...before, idle: 175, iowait: 4 })).toMatchObject({
      cpu_percent: 0,
      cpu_iowait_percent: 0,
    });
    expect(cpuShares(before, before)).toEqual({});
  });

  it("says nothing in its first reading", async () => {
    const readings = ["cpu  10 0 0 90 0 0 0 0 0 0\n", "cpu  60 0 0 140 0 0 0 0 0 0\n"];
    const meter = createCpuMeter({ ...machines.vm, read: () => readings.shift() });
    expect(await meter(0)).toEqual({});
    expect(await meter(1000)).toMatchObject({ cpu_percent: 50, cpu_user_percent: 50 });
    expect(await meter(2000)).toEqual({});
  });
});

describe("load, memory, uptime", () => {
  it("reads the load", async () => {
    expect(await createLoadMeter(machines.vps)(0)).toEqual({ load_1: 0.2, load_5: 0.18, load_15: 0.12 });
  });

  it("counts as used what could not be given to a program", async () => {
    expect(await createMemoryMeter(machines.vps)(0)).toEqual({
      memory_used_bytes: (8_052_908 - 5_212_844) * 1024,
      memory_total_bytes: 8_052_908 * 1024,
      swap_used_bytes: 65_536 * 1024,
      swap_total_bytes: 2_097_148 * 1024,
    });
  });

  it("estimates it where the kernel does not say what is available", async () => {
    const values = await createMemoryMeter(machines.old)(0);
    expect(values.memory_used_bytes).toBe((1_016_784 - 118_188 - 12_160 - 420_540) * 1024);
    expect(values.swap_total_bytes).toBe(0);
  });

  it("reads the uptime in whole seconds", async () => {
    expect(await createUptimeMeter(machines.vps)(0)).toEqual({ uptime_seconds: 1_894_361 });
  });
});

describe("disk space", () => {
  it("finds each file system that holds data once, under its shortest mount point", () => {
    expect(parseDataMounts(machines.vps.read("/proc/self/mounts") ?? "")).toEqual(["/", "/boot/efi", "/srv/my data"]);
    expect(parseDataMounts(machines.vm.read("/proc/self/mounts") ?? "")).toEqual(["/"]);
    expect(parseDataMounts(machines.old.read("/proc/self/mounts") ?? "")).toEqual(["/"]);
  });

  it("finds the root of a container, which is on no device", () => {
    expect(parseDataMounts("overlay / overlay rw 0 0\n/dev/vda1 /etc/hosts ext4 rw 0 0\n")).toEqual([
      "/",
      "/etc/hosts",
    ]);
  });

  it("measures them, and leaves out what is a single file or gone", async () => {
    const mounts = "overlay / overlay rw 0 0\n/dev/a /etc/hosts ext4 rw 0 0\n/dev/b /not/there ext4 rw 0 0\n";
    const values = await createDiskSpaceMeter(changed(machines.vm, "/proc/self/mounts", mounts))(0);
    const { bsize, blocks, files } = statfsSync("/");
    expect(Object.keys(values)).toEqual(diskSeries.map((name) => `disk///${name}`));
    expect(values["disk///total_bytes"]).toBe(bsize * blocks);
    expect(values["disk///total_inodes"]).toBe(files);
    expect(values["disk///used_bytes"]).toBeGreaterThan(0);
  });
});

describe("disk I/O", () => {
  it("counts whole devices once, not their partitions, nor volumes and loops on top of them", async () => {
    const meter = createDiskIoMeter(machines.vps);
    expect(await meter(0)).toEqual({});
    expect(await meter(1000)).toEqual({
      disk_read_bytes_per_second: 0,
      disk_written_bytes_per_second: 0,
      disk_operations_per_second: 0,
      disk_busy_percent: 0,
    });
  });

  it.each(["vm", "vps", "old"] as const)("tells the rate on %s", async (name) => {
    let files = machines[name];
    const meter = createDiskIoMeter({ ...files, read: (path) => files.read(path) });
    const diskstats = files.read("/proc/diskstats") ?? "";
    const [device, read, written] = {
      vm: ["vda", 0, 0],
      vps: ["nvme0n1", 9_550_688, 5_922_052],
      old: ["hda", 9_550_688, 5_922_052],
    }[name];
    await meter(0);
    const line = diskstats.split("\n").find((candidate) => candidate.split(/ +/).includes(String(device))) ?? "";
    const columns = line.trim().split(/ +/);
    if (name !== "vm") expect([columns[5], columns[9]]).toEqual([String(read), String(written)]);
    const after = columns
      .with(5, String(Number(columns[5]) + 20))
      .with(3, String(Number(columns[3]) + 6))
      .with(7, String(Number(columns[7]) + 2))
      .with(9, String(Number(columns[9]) + 40))
      .with(12, String(Number(columns[12]) + 500))
      .join(" ");
    files = changed(files, "/proc/diskstats", diskstats.replace(line, after));
    expect(await meter(2000)).toEqual({
      disk_read_bytes_per_second: (20 * 512) / 2,
      disk_written_bytes_per_second: (40 * 512) / 2,
      disk_operations_per_second: 4,
      disk_busy_percent: 25,
    });
  });
});

describe("network", () => {
  it("counts what leaves and enters the machine, not what passes on inside it", () => {
    expect(parseNetworkCounters(machines.vps.read("/proc/net/dev") ?? "", outerInterface)).toEqual({
      receivedBytes: 15_475_140 + 1000,
      sentBytes: 16_147_110 + 2000,
      errors: 0,
    });
    expect(parseNetworkCounters(machines.old.read("/proc/net/dev") ?? "", outerInterface)).toEqual({
      receivedBytes: 15_475_140,
      sentBytes: 1_703_981,
      errors: 0,
    });
    expect(parseNetworkCounters(machines.vm.read("/proc/net/dev") ?? "", outerInterface).receivedBytes).toBeGreaterThan(
      0,
    );
  });

  it("says nothing when a counter fell back, and goes on from there", async () => {
    let received = 5000;
    const dev = () => `  eth0: ${received} 0 0 0 0 0 0 0 ${received} 0 0 0 0 0 0 0\n`;
    const meter = createNetworkMeter({ ...machines.vm, read: dev });
    expect(await meter(0)).toEqual({});
    received = 10;
    expect(await meter(1000)).toEqual({});
    received = 110;
    expect(await meter(1500)).toEqual({
      network_received_bytes_per_second: 200,
      network_sent_bytes_per_second: 200,
      network_errors_per_second: 0,
    });
  });
});

describe("pressure", () => {
  const pressure = (some: number, full: number) =>
    `some avg10=0.00 avg60=0.00 avg300=0.00 total=${some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${full}\n`;

  it("tells the share of time that was waited", async () => {
    const readings: Record<string, string[]> = {
      "/proc/pressure/cpu": [pressure(0, 0), pressure(100_000, 0)],
      "/proc/pressure/memory": [pressure(50, 50), pressure(50, 50), pressure(50, 50), pressure(50, 50)],
      "/proc/pressure/io": [pressure(0, 0), pressure(0, 0), pressure(1_000_000, 250_000), pressure(1_000_000, 250_000)],
    };
    const meter = createPressureMeter({ ...machines.vm, read: (path) => readings[path]?.shift() });
    expect(await meter(0)).toEqual({});
    expect(await meter(1000)).toEqual({
      pressure_cpu_percent: 10,
      pressure_memory_percent: 0,
      pressure_memory_full_percent: 0,
      pressure_io_percent: 100,
      pressure_io_full_percent: 25,
    });
  });

  it("is silent on kernels that do not measure it", async () => {
    const meter = createPressureMeter(machines.old);
    await meter(0);
    expect(await meter(1000)).toEqual({});
  });
});

describe("processes", () => {
  it("counts those that are there, run and wait for a disk", async () => {
    const stat = "cpu  1 2 3 4\nprocs_running 3\nprocs_blocked 1\n";
    const files = { ...changed(machines.vm, "/proc/stat", stat), list: () => ["1", "4711", "self", "net", "99999"] };
    expect(await createProcessesMeter(files)(0)).toEqual({
      processes_count: 3,
      processes_running_count: 3,
      processes_blocked_count: 1,
    });
  });
});

describe("temperatures", () => {
  it("names each sensor by its chip and label, and leaves out what is no temperature", async () => {
    const sensors: Record<string, Record<string, string>> = {
      hwmon0: { name: "coretemp\n", temp1_input: "48500\n", temp1_label: "Package id 0\n", temp2_input: "-128000\n" },
      hwmon1: { name: "nvme\n", temp1_input: "36850\n", fan1_input: "1200\n", temp3_input: "broken\n" },
      hwmon2: { name: "nvme\n", temp1_input: "37850\n" },
    };
    const files: HostFiles = {
      ...machines.vm,
      list: (path) => (path.endsWith("/hwmon") ? Object.keys(sensors) : Object.keys(sensors[path.slice(17)] ?? {})),
      read: (path) => {
        const [, monitor = "", file = ""] = /^\/sys\/class\/hwmon\/(.*)\/(.*)$/.exec(path) ?? [];
        return sensors[monitor]?.[file];
      },
    };
    expect(await createTemperaturesMeter(files)(0)).toEqual({
      "temperature/coretemp Package id 0/celsius": 48.5,
      "temperature/nvme temp1/celsius": 36.9,
      "temperature/nvme temp1 hwmon2/celsius": 37.9,
    });
  });

  it("is silent on a machine without any", async () => {
    expect(await createTemperaturesMeter(machines.old)(0)).toEqual({});
  });
});

describe("upkeep", () => {
  it("tells that a reboot is due, and since when the clock was not set right", async () => {
    const files = { ...machines.vm, exists: (path: string) => path === "/run/reboot-required", modifiedAt: () => 5000 };
    expect(await createUpkeepMeter(files, () => 65_000)(0)).toEqual({
      reboot_required_count: 1,
      time_since_sync_seconds: 60,
    });
  });

  it("says nothing of the clock where nothing is known of it", async () => {
    expect(await createUpkeepMeter(machines.old, Date.now)(0)).toEqual({ reboot_required_count: 0 });
  });
});
