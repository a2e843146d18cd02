/** What a beacon's machine, its kernel and its engine can do for a container. */
export interface Machine {
  /** As the platforms of images name it: `amd64`, `arm64`, … */
  readonly architecture: string;
  /** Other architectures whose programs the kernel hands to an emulator. */
  readonly emulated: readonly string[];
  readonly cpus: number;
  /** Limits that the engine can hold a container to; it drops all others with no more than a warning. */
  readonly limits: readonly Limit[];
  /** OCI runtimes that the engine knows. */
  readonly runtimes: readonly string[];
  readonly logDrivers: readonly string[];
  /** Files and folders below /dev, with their whole path. */
  readonly devices: readonly string[];
  /** Settings of the kernel that are there in a namespace of their own, like `net.ipv4.ip_forward`. */
  readonly sysctls: readonly string[];
  /** Without `CAP_`. */
  readonly capabilities: readonly string[];
  /** Built in, loaded, or there to be loaded; with underscores. */
  readonly kernelModules: readonly string[];
  /** GPUs of NVIDIA that the engine can give to a container. */
  readonly gpus: number;
}

export const limits = ["memory", "swap", "cpu", "cpuset", "cpuShares", "pids"] as const;
export type Limit = (typeof limits)[number];

/** Architectures whose programs a processor runs by itself. Source: https://www.kernel.org/doc/html/latest/arch/ */
const also: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };

/** Whether the machine runs a program of a platform like `linux/arm64/v8`, by itself or by emulation. */
export function runsPlatform({ architecture, emulated }: Pick<Machine, "architecture" | "emulated">, platform: string) {
  const [os, wanted] = platform.includes("/") ? platform.split("/") : ["linux", platform];
  if (os !== "linux") return false;
  return [architecture, ...(also[architecture] ?? []), ...emulated].includes(architectureOf(wanted ?? ""));
}

/** The kernel's names of architectures to those that platforms have: https://go.dev/doc/install/source#environment */
const names: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  armv6l: "arm",
  i386: "386",
  i686: "386",
};

export const architectureOf = (name: string): string => names[name] ?? name;

/**
 * A sysctl as every namespace has it: interfaces have other names in a container, each with the settings of `default`.
 * Both ways to write one are taken: https://man7.org/linux/man-pages/man8/sysctl.8.html
 */
export const namespacedSysctl = (name: string): string =>
  name.replaceAll("/", ".").replace(/^(net\.ipv[46]\.(?:conf|neigh))\.[^.]+\./, "$1.default.");
