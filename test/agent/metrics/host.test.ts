import { statfsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { countCores, cpuPercent, createCpuMeter, parseCpuTicks } from "#agent/metrics/cpu.ts";
import { createDiskIoMeter } from "#agent/metrics/disk-io.ts";
import { createDiskSpaceMeter, parseDataMounts } from "#agent/metrics/disk-space.ts";
import { createHostFiles, type HostFiles } from "#agent/metrics/host-files.ts";
import { createLoadMeter } from "#agent/metrics/load.ts";
import { createMemoryMeter } from "#agent/metrics/memory.ts";
import { createNetworkMeter, outerInterface, parseNetworkCounters } from "#agent/metrics/network.ts";
import { createUptimeMeter } from "#agent/metrics/uptime.ts";

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
    expect(parseCpuTicks("cpu  10 20 30 400 5 6 7 8 9 0\n")).toEqual({ idle: 405, total: 486 });
    expect(parseCpuTicks(machines.old.read("/proc/stat") ?? "")).toEqual({ idle: 22_631_853, total: 22_637_015 });
    expect(parseCpuTicks("nothing")).toBeUndefined();
  });

  it("counts the cores", () => {
    expect(Object.values(machines).map((files) => countCores(files.read("/proc/stat") ?? ""))).toEqual([2, 4, 2]);
  });

  it("tells the busy share between two readings, never outside 0 to 100", () => {
    expect(cpuPercent({ idle: 100, total: 200 }, { idle: 175, total: 300 })).toBe(25);
    expect(cpuPercent({ idle: 100, total: 200 }, { idle: 99, total: 300 })).toBe(100);
    expect(cpuPercent({ idle: 100, total: 200 }, { idle: 300, total: 300 })).toBe(0);
    expect(cpuPercent({ idle: 100, total: 200 }, { idle: 100, total: 200 })).toBeUndefined();
  });

  it("says nothing in its first reading", async () => {
    const readings = ["cpu  10 0 0 90 0 0 0 0 0 0\n", "cpu  60 0 0 140 0 0 0 0 0 0\n"];
    const meter = createCpuMeter({ ...machines.vm, read: () => readings.shift() });
    expect(await meter(0)).toEqual({});
    expect(await meter(1000)).toEqual({ cpu_percent: 50 });
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
    const { bsize, blocks } = statfsSync("/");
    expect(Object.keys(values)).toEqual(["disk///used_bytes", "disk///total_bytes"]);
    expect(values["disk///total_bytes"]).toBe(bsize * blocks);
    expect(values["disk///used_bytes"]).toBeGreaterThan(0);
  });
});

describe("disk I/O", () => {
  it("counts whole devices once, not their partitions, nor volumes and loops on top of them", async () => {
    const meter = createDiskIoMeter(machines.vps);
    expect(await meter(0)).toEqual({});
    expect(await meter(1000)).toEqual({ disk_read_bytes_per_second: 0, disk_written_bytes_per_second: 0 });
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
      .with(9, String(Number(columns[9]) + 40))
      .join(" ");
    files = changed(files, "/proc/diskstats", diskstats.replace(line, after));
    expect(await meter(2000)).toEqual({
      disk_read_bytes_per_second: (20 * 512) / 2,
      disk_written_bytes_per_second: (40 * 512) / 2,
    });
  });
});

describe("network", () => {
  it("counts what leaves and enters the machine, not what passes on inside it", () => {
    expect(parseNetworkCounters(machines.vps.read("/proc/net/dev") ?? "", outerInterface)).toEqual({
      receivedBytes: 15_475_140 + 1000,
      sentBytes: 16_147_110 + 2000,
    });
    expect(parseNetworkCounters(machines.old.read("/proc/net/dev") ?? "", outerInterface)).toEqual({
      receivedBytes: 15_475_140,
      sentBytes: 1_703_981,
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
    });
  });
});
