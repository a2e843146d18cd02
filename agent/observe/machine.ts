import { readdir, readFile, stat } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { architectureOf, type Machine } from "#shared/machine.ts";
import type { EngineFacts } from "../docker/engine-facts.ts";
import { capabilityNames } from "./capabilities.ts";

/** What the machine can do, as far as the engine and the kernel tell. */
export type ReadMachine = (engine: EngineFacts) => Promise<Machine>;

/** @param root Where the host's file system is; another one in tests. */
export function machineReader(root = "/"): ReadMachine {
  const at = (path: string) => join(root, path);
  const list = (folder: string) => readdir(at(folder)).catch(() => []);
  const text = (file: string) => readFile(at(file), "utf8").catch(() => "");
  const exists = async (path: string) => (await stat(at(path)).catch(() => undefined)) !== undefined;

  /** Names of files and folders below a folder, with the folder's path before them. */
  async function below(folder: string, isLeftOut: (path: string) => boolean): Promise<string[]> {
    const entries = await readdir(at(folder), { withFileTypes: true }).catch(() => []);
    const paths = await Promise.all(
      entries.map(async (entry) => {
        const path = `${folder}/${entry.name}`;
        if (isLeftOut(path)) return [];
        return entry.isDirectory() ? [path, ...(await below(path, isLeftOut))] : [path];
      }),
    );
    return paths.flat();
  }

  async function sysctls(): Promise<string[]> {
    const [net, mqueue, kernel] = await Promise.all([
      below("proc/sys/net", (path) => /\/(?:conf|neigh)\/(?!default)[^/]+$/.test(path)),
      below("proc/sys/fs/mqueue", () => false),
      list("proc/sys/kernel"),
    ]);
    return [
      ...[...net, ...mqueue].map((path) => path.slice("proc/sys/".length).replaceAll("/", ".")),
      ...kernel.map((name) => `kernel.${name}`).filter((name) => ipcSysctls.has(name)),
    ];
  }

  let loadable: { at: number; names: string[] } | undefined;

  /** Read again only when it was written again: it has thousands of lines. */
  async function loadableModules(): Promise<string[]> {
    const folder = `lib/modules/${release()}`;
    const writtenAt = (await stat(at(`${folder}/modules.dep`)).catch(() => undefined))?.mtimeMs;
    if (writtenAt === undefined) return [];
    if (loadable?.at !== writtenAt) {
      const files = await Promise.all(["modules.dep", "modules.builtin"].map((file) => text(`${folder}/${file}`)));
      loadable = { at: writtenAt, names: files.flatMap(parseModuleFiles) };
    }
    return loadable.names;
  }

  async function gpus(devices: readonly string[], { runtimes }: EngineFacts): Promise<number> {
    const count = devices.filter((path) => /^\/dev\/nvidia\d+$/.test(path)).length;
    const toolkit = await Promise.all(
      ["usr/bin", "usr/local/bin", "usr/sbin"].map((folder) => exists(`${folder}/${GPU_HOOK}`)),
    );
    return runtimes.includes("nvidia") || toolkit.includes(true) ? count : 0;
  }

  return async (engine) => {
    const [devicePaths, kernelSettings, status, emulators, loaded, others] = await Promise.all([
      below("dev", (path) => /^dev\/(?:pts|shm|mqueue|hugepages|fd)$/.test(path)),
      sysctls(),
      text("proc/1/status"),
      list("proc/sys/fs/binfmt_misc"),
      list("sys/module"),
      loadableModules(),
    ]);
    const devices = devicePaths.map((path) => `/${path}`);
    return {
      architecture: engine.architecture,
      emulated: emulators.flatMap((name) => /^qemu-(.+)$/.exec(name)?.[1] ?? []).map(architectureOf),
      cpus: engine.cpus,
      limits: engine.limits,
      runtimes: engine.runtimes,
      logDrivers: engine.logDrivers,
      devices,
      sysctls: kernelSettings,
      capabilities: parseCapabilities(status),
      kernelModules: [...loaded, ...others],
      gpus: await gpus(devices, engine),
    };
  };
}

/** By which the engine knows that it can hand out GPUs: https://github.com/moby/moby/blob/v20.10.24/daemon/nvidia_linux.go */
const GPU_HOOK = "nvidia-container-runtime-hook";

/**
 * Those of the kernel that belong to the namespace of a container; of `fs` only `fs.mqueue`, of `net` all.
 * Source: https://github.com/opencontainers/runc/blob/v1.1.5/libcontainer/configs/validate/validator.go (`sysctl`)
 */
const ipcSysctls: ReadonlySet<string> = new Set(
  ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"].map(
    (name) => `kernel.${name}`,
  ),
);

/** Lines like `kernel/drivers/net/wireguard/wireguard.ko.zst: …`: modules.dep(5). */
const parseModuleFiles = (text: string): string[] =>
  [...text.matchAll(/^[^:\n]*?([^/:\n]+)\.ko(?:\.\w+)?(?::|$)/gm)].map(([, name = ""]) => name.replaceAll("-", "_"));

/** The bounding set of the first process, which no other one can exceed: proc_pid_status(5). All where it is hidden. */
function parseCapabilities(status: string): readonly string[] {
  const [, digits] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  if (digits === undefined) return capabilityNames;
  const mask = BigInt(`0x${digits}`);
  return capabilityNames.filter((_name, bit) => (mask & (1n << BigInt(bit))) !== 0n);
}
