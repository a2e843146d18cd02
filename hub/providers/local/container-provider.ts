import { statfs } from "node:fs/promises";
import { cpus } from "node:os";
import { z } from "zod";
import { hashOf } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import { createLanes } from "../../lanes.ts";
import type { Provider, Vps, VpsOrder } from "../provider.ts";
import { newestWith } from "../vendor/vps-labels.ts";
import { type VpsContainer, vpsContainers } from "./containers.ts";

/** Settings of the provider `local` when its VPSs are containers. */
export const LocalContainerSettings = z.strictObject({
  mode: z.literal("container"),
  /** Image that they start from: Debian with systemd, cloud-init and `/vps-init`. `scripts/vps/vps-image.ts` makes it. */
  image: z.string().min(1),
  /** Tells VPSs of one hub from those of another on the same engine. */
  account: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("default"),
  /** Docker network in which they are; made where it is not there. */
  network: z.string().min(1).default("wopr-vps"),
  dockerSocket: z.string().startsWith("/").default("/var/run/docker.sock"),
});
export type LocalContainerSettings = z.output<typeof LocalContainerSettings>;

const REGION = "here";
const ID = /^vps-[0-9a-f]{12}$/;
/** Suffix of the name of a container that is being made: renamed when complete, so that a VPS is there as a whole or not at all. */
const UNFINISHED = "-unfinished";
const ACCOUNT_LABEL = "wopr.vps-account";
const SEED = "/var/lib/cloud/seed/nocloud";

/** Memory of the tiers. What a size gives is a limit: nothing is set apart. */
const sizes = [
  { name: "t1", memoryMb: 4096 },
  { name: "t2", memoryMb: 8192 },
  { name: "t3", memoryMb: 16_384 },
] as const;
const [smallest] = sizes;
const bytesOf = ({ memoryMb }: { readonly memoryMb: number }) => memoryMb * 2 ** 20;
const shapeOf = (size: { readonly memoryMb: number }) => ({ memoryBytes: bytesOf(size), cpus: cpus().length });

/** The only one that there is: what is done in it is done one after the other. */
const LANE = "orders";

/**
 * VPSs on this machine that are whole systems: each is a container with systemd, an address and a Docker engine of its own, which gets the
 * user data that a vendor would give it (cloud-init's NoCloud). The engine of the machine is the only record of them.
 */
export function localContainerProvider({ image, account, network, dockerSocket }: LocalContainerSettings): Provider {
  const containers = vpsContainers({ dockerSocket, network });
  // A name is free only until somebody else has taken it: one after the other.
  const inLane = createLanes();

  const get = async (id: string): Promise<Vps | undefined> => {
    const container = ID.test(id) ? await containers.inspect(id) : undefined;
    return container?.labels[ACCOUNT_LABEL] === account ? vpsOf(container) : undefined;
  };
  const list = async () =>
    (await containers.list(`${ACCOUNT_LABEL}=${account}`)).filter(({ name }) => ID.test(name)).map(vpsOf);
  const present = async (id: string): Promise<Vps> => {
    const vps = await get(id);
    if (vps !== undefined) return vps;
    throw new Problem("not_found", `there is no VPS ${id} on this machine`);
  };

  const make = async (id: string, order: VpsOrder) => {
    const { name, labels, userData, size } = order;
    const unfinished = id + UNFINISHED;
    await containers.remove(unfinished);
    await containers.create({
      ...{ name: unfinished, hostname: name, image, labels: { ...labels, [ACCOUNT_LABEL]: account } },
      ...shapeOf(size === undefined ? smallest : sizeOf(size)),
      // https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
      files: {
        [`${SEED}/meta-data`]: `instance-id: ${id}\nlocal-hostname: ${name}\n`,
        [`${SEED}/user-data`]: userData.cloudConfig,
      },
    });
    await containers.rename(unfinished, id);
  };

  return {
    name: "local",
    title: "This machine",
    tells: ["instanceId", "addresses"],
    create: async (order) => {
      // Comes from the labels alone, so that a repeated create meets what the first one made.
      const id = `vps-${hashOf({ account, labels: order.labels }).slice(0, 12)}`;
      await inLane(LANE, async () => {
        if ((await get(id)) === undefined) await make(id, order);
      });
      await containers.start(id);
      return present(id);
    },
    find: async (labels) => newestWith(labels, await list()),
    get,
    list,
    power: async (id, on) => {
      await present(id);
      await (on ? containers.start(id) : containers.stop(id));
    },
    resize: async (id, size) => {
      await present(id);
      await containers.limit(id, shapeOf(sizeOf(size)));
      await containers.start(id);
    },
    remove: async (id) => {
      if (ID.test(id)) for (const name of [id + UNFINISHED, id]) await containers.remove(name);
    },
    sizes: async () => {
      const { blocks, bsize } = await statfs("/");
      const whole = { vcpus: cpus().length, diskGb: Math.floor((blocks * bsize) / 1e9), regions: [REGION] };
      return sizes.map((size) => ({ ...size, ...whole }));
    },
    regions: async () => [{ name: REGION, title: "This machine" }],
  };
}

function vpsOf({ name, labels, isRunning, address, memoryBytes, createdAt }: VpsContainer): Vps {
  return {
    id: name,
    size: sizes.find((size) => bytesOf(size) === memoryBytes)?.name,
    region: REGION,
    labels: { "wopr-beacon": labels["wopr-beacon"] ?? "", "wopr-round": labels["wopr-round"] ?? "" },
    status: isRunning ? "active" : "off",
    address,
    dialsFrom: address === undefined ? undefined : [address],
    createdAt,
    log: `docker exec ${name} journalctl -u wopr-bootstrap -u wopr-agent`,
  };
}

function sizeOf(name: string) {
  const size = sizes.find((one) => one.name === name);
  if (size !== undefined) return size;
  throw new Problem("provider_refused", `this machine has no VPSs of the size ${name}`, {
    hint: `It has ${sizes.map((one) => one.name).join(", ")}.`,
  });
}
