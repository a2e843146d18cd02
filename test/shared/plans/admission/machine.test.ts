import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "#shared/container-spec.ts";
import type { ResolvedInstance } from "#shared/instance.ts";
import type { Machine } from "#shared/machine.ts";
import { machineLacks } from "#shared/plans/admission/machine.ts";
import { App, resolvedApp } from "../../app.ts";
import { emptyWorld } from "../../world.ts";

const { machine } = emptyWorld({});

interface Case {
  readonly instance?: Partial<ResolvedInstance>;
  readonly spec?: Partial<ContainerSpec>;
  readonly machine?: Partial<Machine>;
}

/** What is lacking, without whom it is lacking to. */
function lacks({ instance = {}, spec = {}, machine: differs = {} }: Case): string[] {
  const app = resolvedApp(App.parse({ web: {} }));
  const containers = app.containers.map((container) => ({ ...container, ...spec }));
  return machineLacks({ ...app, containers, ...instance }, { ...machine, ...differs }).map((objection) => {
    expect(objection.code).toBe("machine_unsuitable");
    expect(objection.hint).toMatch(/^[A-Z].*\.$/);
    expect(objection.message.startsWith(`${objection.where} `)).toBe(true);
    return objection.message;
  });
}

const device = (source: string) => ({ source, target: source, permissions: "rwm" });
const gpu = (count: number, driver = "nvidia") => ({
  deviceRequests: [{ driver, count, deviceIds: [], capabilities: ["gpu"], options: {} }],
});

const refused: readonly (readonly [Case, ...string[]])[] = [
  [{ instance: { platforms: ["linux/arm64"] } }, "app runs on linux/arm64, and this machine is linux/amd64"],
  [{ instance: { cpus: 4 } }, "app needs 4 processors, and this machine has 2"],
  [{ instance: { kernelModules: ["nf_tables"] } }, "app needs the kernel module nf_tables, which is not there"],
  [
    { spec: { engine: { platform: "linux/arm64/v8" } } },
    "app/web is of platform linux/arm64/v8, and this machine is linux/amd64",
  ],
  [
    { spec: { engine: { platform: "windows/amd64" } } },
    "app/web is of platform windows/amd64, and this machine is linux/amd64",
  ],
  [{ spec: { cpus: 2.5 } }, "app/web asks for 2.5 processors, and this machine has 2"],
  [{ spec: { engine: { cpuset: "0,2-3" } } }, "app/web asks for processor 3, and the last of this machine is 1"],
  [
    { spec: { memoryBytes: 1 }, machine: { limits: ["cpu"] } },
    "app/web is limited in memory, which this kernel cannot hold it to",
  ],
  [
    { spec: { engine: { memorySwapBytes: 1 } }, machine: { limits: [] } },
    "app/web is limited in swap, which this kernel cannot hold it to",
  ],
  [
    { spec: { cpus: 1 }, machine: { limits: [] } },
    "app/web is limited in processor time, which this kernel cannot hold it to",
  ],
  [
    { spec: { engine: { cpuset: "0" } }, machine: { limits: [] } },
    "app/web is limited in processors, which this kernel cannot hold it to",
  ],
  [
    { spec: { engine: { cpuShares: 9 } }, machine: { limits: [] } },
    "app/web is limited in shares of the processor, which this kernel cannot hold it to",
  ],
  [
    { spec: { engine: { pidsLimit: 9 } }, machine: { limits: [] } },
    "app/web is limited in processes, which this kernel cannot hold it to",
  ],
  [{ spec: { engine: { devices: [device("/dev/kvm")] } } }, "app/web needs the device /dev/kvm, which is not there"],
  [{ spec: { engine: gpu(1) } }, "app/web needs 1 GPU, and the engine can give 0"],
  [{ spec: { engine: gpu(-1, "") } }, "app/web needs 1 GPU, and the engine can give 0"],
  [{ spec: { engine: gpu(2) }, machine: { gpus: 1 } }, "app/web needs 2 GPU, and the engine can give 1"],
  [
    { spec: { capAdd: ["cap_sys_module"] } },
    "app/web asks for the capability SYS_MODULE, which this machine cannot give",
  ],
  [
    { spec: { engine: { sysctls: { "kernel.pid_max": "1" } } } },
    "app/web sets kernel.pid_max, which a container cannot have of its own on this kernel",
  ],
  [{ spec: { engine: { runtime: "kata" } } }, "app/web is for the runtime kata, which the engine does not know"],
  [
    { spec: { engine: { logging: { driver: "loki", options: {} } } } },
    "app/web logs with loki, which the engine does not know",
  ],
  [
    { spec: { capAdd: ["BPF"], engine: { runtime: "kata", devices: [device("/dev/kvm"), device("/dev/dri")] } } },
    "app/web needs the device /dev/kvm, which is not there",
    "app/web needs the device /dev/dri, which is not there",
    "app/web asks for the capability BPF, which this machine cannot give",
    "app/web is for the runtime kata, which the engine does not know",
  ],
];

const admitted: readonly Case[] = [
  {},
  { instance: { platforms: ["linux/arm64", "linux/amd64"], cpus: 2, kernelModules: ["wireguard"] } },
  { instance: { platforms: ["linux/arm64"] }, machine: { emulated: ["arm64"] } },
  { instance: { kernelModules: ["nf-tables"] }, machine: { kernelModules: ["nf_tables"] } },
  { spec: { engine: { platform: "linux/386" } } },
  { spec: { engine: { platform: "amd64" } } },
  { spec: { cpus: 2, memoryBytes: 1, engine: { cpuset: "0-1", pidsLimit: 5, memorySwapBytes: 1 } } },
  { spec: { engine: { devices: [device("/dev/net/tun"), device("vendor.example/device=all")] } } },
  { spec: { engine: gpu(-1) }, machine: { gpus: 2 } },
  { spec: { engine: gpu(1, "amd") } },
  { spec: { capAdd: ["NET_ADMIN", "CAP_NET_ADMIN", "ALL"] } },
  { spec: { capAdd: ["SYS_MODULE"], engine: { privileged: true, sysctls: { "kernel.pid_max": "1" } } } },
  {
    spec: {
      engine: { sysctls: { "net.ipv4.conf.eth0.src_valid_mark": "1", "net/ipv4/conf/all/src_valid_mark": "1" } },
    },
  },
  { spec: { engine: { runtime: "runc", logging: { driver: "none", options: {} } } } },
];

describe("a machine", () => {
  it.each(refused.map(([given, ...says]) => ({ given, says })))("lacks: $says", ({ given, says }) => {
    expect(lacks(given)).toEqual(says);
  });

  it.each(admitted)("has what is asked for: %j", (given) => {
    expect(lacks(given)).toEqual([]);
  });

  it("is not asked for what nobody wants any of", () => {
    expect(lacks({ spec: { capAdd: ["BPF"] }, instance: { replicas: { web: 0 } } })).toEqual([]);
    expect(lacks({ spec: { capAdd: ["BPF"] }, instance: { replicas: { web: 3 } } })).toHaveLength(1);
  });
});
