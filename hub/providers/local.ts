import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { cpus, networkInterfaces, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { hashOf } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import { createLanes } from "../lanes.ts";
import { findAgent, startAgent, stopAgent } from "./local/agent-process.ts";
import { agentConfigOf, LocalInstance, readInstance } from "./local/instance.ts";
import { choosePorts } from "./local/ports.ts";
import { removeScope } from "./local/remove-scope.ts";
import type { Provider, Vps, VpsLabels } from "./provider.ts";
import { newestWith } from "./vendor/vps-labels.ts";

const Port = z.number().int().min(1).max(65535);

/** Settings of the provider `local`. */
export const LocalSettings = z.strictObject({
  /** Folder with one folder per VPS. */
  root: z.string().startsWith("/"),
  /** Ports that VPSs may use, three each: HTTP, HTTPS and the agent's local API. */
  portRange: z
    .strictObject({ from: Port, to: Port })
    .refine(({ from, to }) => to - from >= 2, "expected at least three ports"),
  /** Address on which Caddy is published. */
  address: z.ipv4().default("127.0.0.1"),
  /** `host:port` of a registry that agents ask first for every image. */
  registryMirror: z.string().optional(),
  /** Folder with one folder per module. */
  modulesDirectory: z.string().startsWith("/"),
  dockerSocket: z.string().startsWith("/").default("/var/run/docker.sock"),
  /** Program and arguments that start an agent; `--config <file>` is added. */
  agentCommand: z.array(z.string()).min(1),
  /** How often an agent takes a sample. */
  sampleMs: z.number().int().min(100).optional(),
});
export type LocalSettings = z.output<typeof LocalSettings>;

/** Suffix of a folder that is being made: renamed when complete, so that a VPS is there as a whole or not at all. */
const UNFINISHED = ".unfinished";
/** Nothing is set apart for one VPS: each has the whole machine. */
const SIZE = "machine";
const REGION = "here";
const ID = /^local-[0-9a-f]{12}$/;

/** The only one that there is: what is done in it is done one after the other. */
const LANE = "orders";

/**
 * VPSs on this machine: each is an agent process in a session of its own with its own folder, ports and Docker label
 * scope. They outlive the hub, and are found again by their folder and by what `/proc` says of their process. A VPS
 * that was running is not started again after a reboot of the machine: `power` does that.
 */
export function localProvider(settings: LocalSettings): Provider {
  const folderOf = (id: string) => join(settings.root, id);
  const configOf = (id: string) => join(folderOf(id), "agent.json");
  // Ports are free, and an agent is not running, only until somebody else has looked too: one after the other.
  const inLane = createLanes();

  const vpsOf = async (id: string): Promise<Vps | undefined> => {
    const instance = await readInstance(folderOf(id));
    if (instance === undefined) return undefined;
    const running = (await findAgent(configOf(id))) !== undefined;
    return {
      id,
      size: SIZE,
      region: REGION,
      labels: instance.labels,
      status: running ? "active" : "off",
      address: settings.address,
      dialsFrom: ownAddresses(),
      log: `the file ${join(folderOf(id), "agent.log")}`,
    };
  };

  const start = (id: string) =>
    inLane(LANE, () => startAgent({ command: settings.agentCommand, folder: folderOf(id), config: configOf(id) }));

  const idsOnDisk = async () => {
    if (!existsSync(settings.root)) return [];
    return (await readdir(settings.root)).filter((entry) => ID.test(entry));
  };

  return {
    name: "local",
    title: "This machine",
    tells: ["instanceId", "addresses"],
    create: async ({ labels, bootstrap }) => {
      const id = idOf(labels);
      const layOut = async () => {
        if (existsSync(folderOf(id))) return;
        const unfinished = folderOf(id) + UNFINISHED;
        await rm(unfinished, { recursive: true, force: true });
        await mkdir(unfinished, { recursive: true, mode: 0o700 });
        const instance = LocalInstance.parse({
          labels,
          scope: scopeOf(id),
          ports: await choosePorts(settings.root, settings.portRange),
        });
        const config = agentConfigOf({ id, instance, settings, folder: folderOf(id), hub: bootstrap.hub });
        await writeFile(join(unfinished, "enrolment-token"), bootstrap.enrolmentToken, { mode: 0o600 });
        await writeFile(join(unfinished, "agent.json"), JSON.stringify(config, null, 2));
        await writeFile(join(unfinished, "instance.json"), JSON.stringify(instance, null, 2));
        await rename(unfinished, folderOf(id));
      };
      await inLane(LANE, layOut);
      await start(id);
      return found(await vpsOf(id), id);
    },
    find: async (labels) => {
      const all = await Promise.all((await idsOnDisk()).map(vpsOf));
      return newestWith(
        labels,
        all.filter((vps) => vps !== undefined),
      );
    },
    get: async (id) => (ID.test(id) ? vpsOf(id) : undefined),
    list: async () => (await Promise.all((await idsOnDisk()).map(vpsOf))).filter((vps) => vps !== undefined),
    power: async (id, on) => {
      found(ID.test(id) ? await vpsOf(id) : undefined, id);
      await (on ? start(id) : stopAgent(configOf(id)));
    },
    resize: async (id, size) => {
      found(ID.test(id) ? await vpsOf(id) : undefined, id);
      if (size !== SIZE) {
        throw new Problem("provider_refused", `this machine has no VPSs of the size ${size}`, {
          hint: `All have the whole machine: ${SIZE} is the only size.`,
        });
      }
      await start(id);
    },
    sizes: async () => [{ name: SIZE, vcpus: cpus().length, ...(await roomOf(settings.root)), regions: [REGION] }],
    regions: async () => [{ name: REGION, title: "This machine" }],
    remove: async (id) => {
      if (!ID.test(id)) return;
      await stopAgent(configOf(id));
      await removeScope(settings.dockerSocket, scopeOf(id));
      // Last, so that a removal which died halfway finds the VPS and goes on.
      await rm(folderOf(id), { recursive: true, force: true });
      await rm(folderOf(id) + UNFINISHED, { recursive: true, force: true });
    },
  };
}

/** Of this machine, from any of which it may reach its hub. */
const ownAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address);

/** @param root Is made when the first VPS is. */
async function roomOf(root: string) {
  const { blocks, bsize } = await statfs(existsSync(root) ? root : "/");
  return { memoryMb: Math.floor(totalmem() / 2 ** 20), diskGb: Math.floor((blocks * bsize) / 1e9) };
}

/** Comes from the labels alone, so that a repeated create meets what the first one made. */
const idOf = (labels: VpsLabels) => `local-${hashOf(labels).slice(0, 12)}`;

const scopeOf = (id: string) => id.replace(/^local-/, "wopr-");

function found(vps: Vps | undefined, id: string): Vps {
  if (vps !== undefined) return vps;
  throw new Problem("not_found", `there is no VPS ${id} on this machine`);
}
