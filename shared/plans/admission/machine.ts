import { type ContainerSpec, containerName, type EngineSettings } from "../../container-spec.ts";
import type { ResolvedInstance } from "../../instance.ts";
import { type Limit, type Machine, namespacedSysctl, runsPlatform } from "../../machine.ts";
import { replicasOf } from "../replicas.ts";
import type { Objection } from "./objection.ts";

const LARGER = "Move to another server, or choose another app.";

/** What an instance asks of the machine and its kernel that these do not have. */
export function machineLacks(resolved: ResolvedInstance, machine: Machine): Objection[] {
  const lacking = (where: string, message: string, hint: string): Objection => ({
    code: "machine_unsuitable",
    where,
    message: `${where} ${message}`,
    hint,
  });
  const { name, platforms = [], cpus = 0, kernelModules = [] } = resolved;
  return [
    ...(platforms.length === 0 || platforms.some((platform) => runsPlatform(machine, platform))
      ? []
      : [
          lacking(
            name,
            `runs on ${platforms.join(" and ")}, and this machine is linux/${machine.architecture}`,
            LARGER,
          ),
        ]),
    ...(cpus <= machine.cpus
      ? []
      : [lacking(name, `needs ${cpus} processors, and this machine has ${machine.cpus}`, LARGER)]),
    ...kernelModules
      .filter((module) => !machine.kernelModules.includes(module.replaceAll("-", "_")))
      .map((module) =>
        lacking(
          name,
          `needs the kernel module ${module}, which is not there`,
          `Install a kernel that has it: modprobe ${module} must work.`,
        ),
      ),
    ...[...new Set(replicasOf(resolved).map(({ spec }) => spec))].flatMap((spec) =>
      lacksOf(spec, machine).map(([message, hint]) => lacking(containerName(spec), message, hint)),
    ),
  ];
}

type Lack = readonly [message: string, hint: string];

const lacksOf = (spec: ContainerSpec, machine: Machine): Lack[] => [
  ...platformLacks(spec.engine ?? {}, machine),
  ...processorLacks(spec, machine),
  ...limitLacks(spec, machine),
  ...deviceLacks(spec.engine ?? {}, machine),
  ...kernelLacks(spec, machine),
  ...engineLacks(spec.engine ?? {}, machine),
];

const platformLacks = ({ platform }: EngineSettings, machine: Machine): Lack[] =>
  platform === undefined || runsPlatform(machine, platform)
    ? []
    : [
        [
          `is of platform ${platform}, and this machine is linux/${machine.architecture}`,
          "Choose an image for this machine, or install an emulator (binfmt_misc).",
        ],
      ];

/** The engine refuses a limit above what the machine has, and processors that it has not. */
function processorLacks({ cpus = 0, engine = {} }: ContainerSpec, machine: Machine): Lack[] {
  const numbers = (engine.cpuset ?? "").split(/[,-]/).filter((text) => text !== "");
  const highest = Math.max(-1, ...numbers.map(Number));
  return [
    ...(cpus <= machine.cpus
      ? []
      : [[`asks for ${cpus} processors, and this machine has ${machine.cpus}`, LARGER] as const]),
    ...(highest < machine.cpus
      ? []
      : [[`asks for processor ${highest}, and the last of this machine is ${machine.cpus - 1}`, LARGER] as const]),
  ];
}

/** A limit that the engine would drop: the app could take all that the machine has. */
function limitLacks({ memoryBytes, cpus, engine = {} }: ContainerSpec, machine: Machine): Lack[] {
  const asked: readonly (readonly [Limit, unknown])[] = [
    ["memory", memoryBytes ?? engine.memoryReservationBytes],
    ["swap", engine.memorySwapBytes],
    ["cpu", cpus ?? engine.cpuQuota],
    ["cpuset", engine.cpuset],
    ["cpuShares", engine.cpuShares],
    ["pids", engine.pidsLimit],
  ];
  return asked
    .filter(([limit, value]) => value !== undefined && !machine.limits.includes(limit))
    .map(([limit]) => [
      `is limited in ${spoken[limit]}, which this kernel cannot hold it to`,
      `Turn the control group on: ${remedy[limit]}.`,
    ]);
}

const spoken: Readonly<Record<Limit, string>> = {
  memory: "memory",
  swap: "swap",
  cpu: "processor time",
  cpuset: "processors",
  cpuShares: "shares of the processor",
  pids: "processes",
};

/** Source: https://docs.docker.com/engine/install/linux-postinstall/ and the kernel's parameters of the same names. */
const remedy: Readonly<Record<Limit, string>> = {
  memory: "boot with cgroup_enable=memory",
  swap: "boot with swapaccount=1",
  cpu: "a kernel with CFS_BANDWIDTH",
  cpuset: "boot with cgroup_enable=cpuset",
  cpuShares: "a kernel with FAIR_GROUP_SCHED",
  pids: "a kernel with CGROUP_PIDS",
};

function deviceLacks({ devices = [], deviceRequests = [] }: EngineSettings, machine: Machine): Lack[] {
  const missing = devices.filter(({ source }) => source.startsWith("/dev/") && !machine.devices.includes(source));
  const gpus = deviceRequests
    .filter(({ driver, capabilities }) => ["", "nvidia"].includes(driver) && capabilities.includes("gpu"))
    .reduce((sum, { count, deviceIds }) => sum + Math.max(1, count, deviceIds.length), 0);
  return [
    ...missing.map(({ source }) => [`needs the device ${source}, which is not there`, deviceHint(source)] as const),
    ...(gpus <= machine.gpus
      ? []
      : [
          [
            `needs ${gpus} GPU, and the engine can give ${machine.gpus}`,
            "Install the driver and the NVIDIA Container Toolkit, or move to a server with a GPU.",
          ] as const,
        ]),
  ];
}

const deviceHint = (source: string) =>
  source === "/dev/net/tun" ? "Load it: modprobe tun." : "Attach the device, or load its driver.";

function kernelLacks({ capAdd, engine = {} }: ContainerSpec, machine: Machine): Lack[] {
  if (engine.privileged === true) return [];
  const capabilities = capAdd.map((name) => name.toUpperCase().replace(/^CAP_/, ""));
  return [
    ...capabilities
      .filter((name) => name !== "ALL" && !machine.capabilities.includes(name))
      .map(
        (name) =>
          [
            `asks for the capability ${name}, which this machine cannot give`,
            "Leave it out, or move to a server of your own instead of a shared one.",
          ] as const,
      ),
    ...Object.keys(engine.sysctls ?? {})
      .filter((name) => !machine.sysctls.includes(namespacedSysctl(name)))
      .map(
        (name) =>
          [
            `sets ${name}, which a container cannot have of its own on this kernel`,
            "Leave it out, or set it for the whole machine.",
          ] as const,
      ),
  ];
}

function engineLacks({ runtime, logging }: EngineSettings, machine: Machine): Lack[] {
  return [
    ...(runtime === undefined || machine.runtimes.includes(runtime)
      ? []
      : [
          [
            `is for the runtime ${runtime}, which the engine does not know`,
            "Install it, and name it in /etc/docker/daemon.json.",
          ] as const,
        ]),
    ...(logging === undefined || logging.driver === "none" || machine.logDrivers.includes(logging.driver)
      ? []
      : [[`logs with ${logging.driver}, which the engine does not know`, "Choose another logging driver."] as const]),
  ];
}
