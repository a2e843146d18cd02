import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { machineReader } from "#agent/observe/machine.ts";

const engine = { architecture: "amd64", cpus: 2, limits: [], runtimes: ["runc"], logDrivers: [] };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "wopr-machine-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

describe("a machine as its files show it", () => {
  test("devices, but for terminals, shared memory and the like", async () => {
    put({ "dev/net/tun": "", "dev/kvm": "", "dev/pts/0": "", "dev/shm/x": "", "dev/fd/0": "" });
    expect((await machineReader(root)(engine)).devices.toSorted()).toEqual(["/dev/kvm", "/dev/net", "/dev/net/tun"]);
  });

  test("settings that a namespace has of its own, those of interfaces once", async () => {
    put({
      "proc/sys/net/ipv4/ip_forward": "1",
      "proc/sys/net/ipv4/conf/default/rp_filter": "1",
      "proc/sys/net/ipv4/conf/veth1234/rp_filter": "1",
      "proc/sys/net/ipv6/neigh/default/gc_thresh1": "1",
      "proc/sys/fs/mqueue/msg_max": "1",
      "proc/sys/kernel/shmmax": "1",
      "proc/sys/kernel/pid_max": "1",
    });
    const { sysctls } = await machineReader(root)(engine);
    expect(sysctls).toEqual(expect.arrayContaining(["net.ipv4.ip_forward", "fs.mqueue.msg_max", "kernel.shmmax"]));
    expect(sysctls).toContain("net.ipv4.conf.default.rp_filter");
    expect(sysctls).toContain("net.ipv6.neigh.default.gc_thresh1");
    expect(sysctls.join()).not.toMatch(/veth1234|pid_max/);
  });

  test("capabilities that the first process may have", async () => {
    put({ "proc/1/status": "CapEff:\tffffffffffffffff\nCapBnd:\t0000010000001001\n" });
    expect((await machineReader(root)(engine)).capabilities).toEqual(["CHOWN", "NET_ADMIN", "CHECKPOINT_RESTORE"]);
  });

  test("capabilities are for the engine to refuse where nobody may look", async () => {
    expect((await machineReader(root)(engine)).capabilities).toContain("SYS_ADMIN");
  });

  test("kernel modules: loaded, built in, and there to be loaded; also those that came while it runs", async () => {
    const folder = `lib/modules/${release()}`;
    put({
      "sys/module/tun/refcnt": "0",
      [`${folder}/modules.builtin`]: "kernel/fs/overlayfs/overlay.ko\n",
      [`${folder}/modules.dep`]: "kernel/net/wire-guard.ko.zst: kernel/lib/crypto.ko.zst\nkernel/lib/crypto.ko.zst:\n",
    });
    const read = machineReader(root);
    expect((await read(engine)).kernelModules.toSorted()).toEqual(["crypto", "overlay", "tun", "wire_guard"]);
    put({ [`${folder}/modules.dep`]: "updates/dkms/zfs.ko:\n" });
    expect((await read(engine)).kernelModules.toSorted()).toEqual(["overlay", "tun", "zfs"]);
  });

  test("GPUs, where the engine can hand them out", async () => {
    put({ "dev/nvidia0": "", "dev/nvidia1": "", "dev/nvidiactl": "" });
    expect((await machineReader(root)(engine)).gpus).toBe(0);
    expect((await machineReader(root)({ ...engine, runtimes: ["nvidia"] })).gpus).toBe(2);
    put({ "usr/bin/nvidia-container-runtime-hook": "" });
    expect((await machineReader(root)(engine)).gpus).toBe(2);
  });

  test("architectures that are emulated", async () => {
    put({ "proc/sys/fs/binfmt_misc/qemu-aarch64": "", "proc/sys/fs/binfmt_misc/status": "" });
    expect((await machineReader(root)(engine)).emulated).toEqual(["arm64"]);
  });

  test("this machine can be read, and has what every Linux has", async () => {
    const machine = await machineReader()(engine);
    expect(machine.devices).toContain("/dev/null");
    expect(machine.capabilities).toContain("CHOWN");
    expect(machine.sysctls).toContain("net.ipv4.ip_forward");
  });
});
