import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseCgroupMounts, parseCgroupPaths, readCgroupUsage } from "#agent/metrics/cgroup.ts";
import { createCollector } from "#agent/metrics/collector.ts";
import { createContainersMeter, remember } from "#agent/metrics/containers.ts";
import { createHostFiles, type HostFiles } from "#agent/metrics/host-files.ts";
import { Problem } from "#shared/problem.ts";
import { recordLog } from "../silent-log.ts";

const machine = (name: string) =>
  createHostFiles(fileURLToPath(new URL(`../../fixtures/proc/${name}`, import.meta.url)));
const v1 = machine("vm-6.18-cgroup-v1");
const v2 = machine("vps-6.1-cgroup-v2");
const mountsOf = (files: HostFiles) => parseCgroupMounts(files.read("/proc/self/mountinfo") ?? "");
const redis = { id: "c1", pid: 4711, instance: "redis", service: "redis", restarts: 3 };

describe("control groups", () => {
  it("finds the hierarchies of both versions", () => {
    expect(mountsOf(v1).get("memory")).toEqual({ mount: "/sys/fs/cgroup/memory", root: "/" });
    expect(mountsOf(v1).get("cpuacct")?.mount).toBe("/sys/fs/cgroup/cpuacct");
    expect(mountsOf(v2).get("")).toEqual({ mount: "/sys/fs/cgroup", root: "/" });
  });

  it("knows controllers that are mounted together", () => {
    const line = "33 32 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n";
    expect(parseCgroupMounts(line).get("cpuacct")?.mount).toBe("/sys/fs/cgroup/cpu,cpuacct");
    expect(parseCgroupPaths("4:cpu,cpuacct:/docker/a:b\n0::/x\n").get("cpuacct")).toBe("/docker/a:b");
  });

  it("reads version 1 under the driver cgroupfs", () => {
    const usage = readCgroupUsage(v1, mountsOf(v1), 4711);
    const inactive = Number(
      /^total_inactive_file (\d+)$/m.exec(
        v1.read(`/sys/fs/cgroup/memory/docker/c0ffee${"0".repeat(58)}/memory.stat`) ?? "",
      )?.[1],
    );
    expect(usage).toEqual({ cpuMs: 714.390707, memoryBytes: 18_055_168 - inactive });
  });

  it("reads version 2 under the driver systemd", () => {
    expect(readCgroupUsage(v2, mountsOf(v2), 4711)).toEqual({
      cpuMs: 714_390.707,
      memoryBytes: 209_715_200 - 52_428_800,
    });
  });

  const answering = (files: HostFiles, answers: Record<string, string>): HostFiles => ({
    ...files,
    read: (path) => Object.entries(answers).find(([name]) => path.endsWith(name))?.[1] ?? files.read(path),
  });

  it("reads limits and disks of both versions, and takes no limit for none", () => {
    const old = answering(v1, {
      "memory.limit_in_bytes": "268435456\n",
      "blkio.throttle.io_service_bytes_recursive": "8:0 Read 100\n8:0 Write 7\n8:16 Read 20\n8:16 Write 0\nTotal 127\n",
    });
    const disks = { readBytes: 120, writtenBytes: 7 };
    expect(readCgroupUsage(old, mountsOf(old), 4711)).toMatchObject({ ...disks, memoryLimitBytes: 268_435_456 });
    const unlimited = answering(v1, { "memory.limit_in_bytes": "9223372036854771712\n" });
    expect(readCgroupUsage(unlimited, mountsOf(unlimited), 4711)).not.toHaveProperty("memoryLimitBytes");

    const io =
      "8:0 rbytes=100 wbytes=7 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=20 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n";
    const now = answering(v2, { "memory.max": "268435456\n", "io.stat": io });
    expect(readCgroupUsage(now, mountsOf(now), 4711)).toMatchObject({ ...disks, memoryLimitBytes: 268_435_456 });
    const none = answering(v2, { "memory.max": "max\n" });
    expect(readCgroupUsage(none, mountsOf(none), 4711)).not.toHaveProperty("memoryLimitBytes");
  });

  it("says nothing of a process that is gone", () => {
    expect(readCgroupUsage(v2, mountsOf(v2), 4712)).toBeUndefined();
  });

  it("finds the group where only a part of the hierarchy is mounted", () => {
    const inside = parseCgroupMounts("33 24 0:28 /system.slice /mnt/cg rw - cgroup2 cgroup2 rw\n");
    const asked: string[] = [];
    const read: HostFiles["read"] = (path) => {
      asked.push(path);
      return v2.read(path);
    };
    readCgroupUsage({ ...v2, read }, inside, 4711);
    expect(asked[1]).toMatch(/^\/mnt\/cg\/docker-beef0+\.scope\/cpu\.stat$/);
  });
});

describe("containers", () => {
  it("measures memory at once, rates from the second reading on, of all cores together", async () => {
    let cpu = 1_000_000;
    const files: HostFiles = {
      ...v2,
      read: (path) => (path.endsWith("cpu.stat") ? `usage_usec ${cpu}\n` : v2.read(path)),
    };
    const meter = createContainersMeter(files, async () => [redis]);
    expect(await meter(0)).toEqual({
      "container/redis/redis/memory_bytes": 157_286_400,
      "container/redis/redis/restarts_count": 3,
    });
    cpu += 2_000_000;
    expect(await meter(1000)).toEqual({
      "container/redis/redis/restarts_count": 3,
      "container/redis/redis/memory_bytes": 157_286_400,
      "container/redis/redis/cpu_percent": 50,
      "container/redis/redis/network_received_bytes_per_second": 0,
      "container/redis/redis/network_sent_bytes_per_second": 0,
    });
  });

  it("adds up several containers of one service", async () => {
    const meter = createContainersMeter(v2, async () => [redis, { ...redis, id: "c2" }]);
    expect(await meter(0)).toEqual({
      "container/redis/redis/memory_bytes": 2 * 157_286_400,
      "container/redis/redis/restarts_count": 2 * 3,
    });
  });

  it("starts anew for a container that took another's place", async () => {
    let id = "c1";
    const meter = createContainersMeter(v2, async () => [{ ...redis, id }]);
    await meter(0);
    id = "c2";
    expect(Object.keys(await meter(1000)).sort()).toEqual([
      "container/redis/redis/memory_bytes",
      "container/redis/redis/restarts_count",
    ]);
  });

  it("leaves the host's series alone while Docker is away, and says so once", async () => {
    const { log, lines } = recordLog();
    let away = true;
    const running = async () => {
      if (away) throw new Problem("docker_unavailable", "Docker does not answer");
      return [redis];
    };
    let at = 0;
    const collect = createCollector({
      files: v2,
      running,
      services: { records: () => [], containers: async () => [] },
      certificates: () => [],
      slow: () => ({}),
      now: () => at,
      system: () => at,
      monotonic: () => (at += 1000),
      log,
    });
    await collect();
    const values = await collect();
    expect(values.load_1).toBe(0.2);
    expect(values.cpu_percent).toBeUndefined();
    expect(lines).toHaveLength(1);
    away = false;
    expect(await collect()).toHaveProperty("container/redis/redis/memory_bytes");
    away = true;
    await collect();
    expect(lines).toHaveLength(2);
  });
});

describe("remember", () => {
  it("asks again after a while, and at once after a failure", async () => {
    let at = 0;
    let asked = 0;
    const ask = remember(
      async () => {
        asked += 1;
        if (asked === 2) throw new Error("away");
        return asked;
      },
      { forMs: 1000, withinMs: 1000, monotonic: () => at },
    );
    expect([await ask(), await ask()]).toEqual([1, 1]);
    at = 1000;
    await expect(ask()).rejects.toThrow("away");
    expect(await ask()).toBe(3);
  });

  it("waits once for an engine that hangs, asks it nothing more, and hears it when it speaks again", async () => {
    const answers: PromiseWithResolvers<number>[] = [];
    const ask = remember(
      () => {
        const answer = Promise.withResolvers<number>();
        answers.push(answer);
        return answer.promise;
      },
      { forMs: 1000, withinMs: 20, monotonic: () => 0 },
    );
    await expect(ask()).rejects.toMatchObject({ code: "timed_out" });
    const startedAt = performance.now();
    for (let times = 0; times < 50; times++) await expect(ask()).rejects.toMatchObject({ code: "timed_out" });
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(answers).toHaveLength(1);
    answers[0]?.resolve(7);
    await answers[0]?.promise;
    expect(await ask()).toBe(7);
    expect(answers).toHaveLength(1);
  });

  it("asks a hanging engine again once it has broken off", async () => {
    let refuse: (error: Error) => void = () => undefined;
    let asked = 0;
    const ask = remember(
      () => {
        asked += 1;
        return asked > 1 ? Promise.resolve(asked) : new Promise<number>((_resolve, reject) => (refuse = reject));
      },
      { forMs: 1000, withinMs: 20, monotonic: () => 0 },
    );
    await expect(ask()).rejects.toMatchObject({ code: "timed_out" });
    refuse(new Error("broken off"));
    await new Promise(setImmediate);
    expect(await ask()).toBe(2);
  });
});
