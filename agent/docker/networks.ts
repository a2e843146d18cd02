import { readFile } from "node:fs/promises";
import { Problem } from "#shared/problem.ts";
import { type NetworkSpec, resourceSettingsOf } from "#shared/resource-spec.ts";
import { createMutex } from "../mutex.ts";
import type { DockerConnection } from "./connection.ts";
import type { Survey } from "./find-container.ts";
import { labels } from "./names.ts";
import { freeSubnet, routedSubnets } from "./subnets.ts";

export interface Networks {
  /** Logical names. */
  list(): Promise<string[]>;
  survey(): Promise<Survey<string>>;
  /** @throws {Problem} `conflict` when a network of that name is not ours */
  create(network: NetworkSpec & { createdBy: string }): Promise<void>;
  remove(network: string): Promise<void>;
  /**
   * Does what needs networks by their names; when the engine refuses it and one of them turns out to have twins, these are
   * removed and it is done once more. A twin appears when a process dies while the engine still makes a network for it and the
   * next process asks for the same: the engine's check for the name is no lock, yet it starts nothing on an ambiguous one.
   */
  withoutTwins<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function dockerNetworks({ engine, names, call }: DockerConnection): Networks {
  const oneAtATime = createMutex();

  /** All of that name. */
  async function find(network: string) {
    const name = names.network(network);
    const listed = await call("list networks", () => engine.listNetworks({ filters: { name: [name] } }));
    const found = (listed ?? []).filter(({ Name }) => Name === name);
    const isOurs = (named: Labelled) => named?.[labels.scope] === names.scope && named[labels.network] === network;
    if (found.every(({ Labels }) => isOurs(Labels))) return found;
    throw new Problem("conflict", `the Docker network ${name} exists already and does not belong to WOPR`, {
      hint: `Remove or rename it: docker network rm ${name}.`,
    });
  }

  const listOurs = async () =>
    (await call("list networks", () => engine.listNetworks({ filters: names.filters }))) ?? [];

  /** The pools that the engine comes with hold some thirty networks, and a beacon may have more apps than that. */
  async function subnetOfOurOwn(): Promise<string | undefined> {
    const all = (await call("list networks", () => engine.listNetworks())) ?? [];
    const subnets = all.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []));
    const routes = await readFile("/proc/net/route", "utf8");
    return freeSubnet([...subnets, ...routedSubnets(routes)]);
  }

  let twinsRemoved = 0;

  const removeTwins = () =>
    oneAtATime(async () => {
      const byName = Map.groupBy(await listOurs(), ({ Name }) => Name);
      for (const [name, twins] of byName) {
        let spare = twins.length - 1;
        for (const { Id } of twins) {
          if (spare === 0) break;
          const removal = async () => {
            await engine.getNetwork(Id).remove();
            return true;
          };
          // 403: containers run on this one, so that another one is to spare.
          if (await call(`remove the twin of network ${name}`, removal, [403, 404])) spare -= 1;
        }
        twinsRemoved += twins.length - 1 - spare;
      }
    });

  return {
    list: async () => [...new Set((await listOurs()).flatMap(({ Labels }) => Labels?.[labels.network] ?? []))],

    survey: async () => {
      const found = (await call("list networks", () => engine.listNetworks())) ?? [];
      const ours = found.filter(({ Labels }) => Labels?.[labels.scope] === names.scope);
      return {
        ours: [...new Set(ours.flatMap(({ Labels }) => Labels?.[labels.network] ?? []))],
        foreign: found.filter((network) => !ours.includes(network)).flatMap(({ Name }) => names.withoutScope(Name)),
      };
    },

    create: ({ createdBy, ...spec }) =>
      oneAtATime(async () => {
        if ((await find(spec.network)).length > 0) return;
        const options = {
          Name: names.network(spec.network),
          CheckDuplicate: true,
          ...networkOptions(spec),
          Labels: {
            ...spec.labels,
            [labels.scope]: names.scope,
            [labels.network]: spec.network,
            [labels.settings]: resourceSettingsOf(spec),
            [labels.createdBy]: createdBy,
          },
        };
        const what = `create network ${spec.network}`;
        await call(what, () => engine.createNetwork(options)).catch(async (error: unknown) => {
          if (spec.ipam !== undefined || Problem.wrap(error).code !== "no_subnet") throw error;
          const subnet = await subnetOfOurOwn();
          if (subnet === undefined) throw error;
          const IPAM = { Driver: "default", Options: {}, Config: [{ Subnet: subnet }] };
          await call(what, () => engine.createNetwork({ ...options, IPAM }));
        });
      }),

    remove: (network) =>
      oneAtATime(async () => {
        for (const { Id } of await find(network))
          await call(`remove network ${network}`, () => engine.getNetwork(Id).remove(), [404]);
      }),

    withoutTwins: async (work) => {
      const before = twinsRemoved;
      try {
        return await work();
      } catch (error) {
        if (Problem.wrap(error).code !== "docker_refused") throw error;
        await removeTwins();
        if (twinsRemoved === before) throw error;
        return await work();
      }
    },
  };
}

type Labelled = Readonly<Record<string, string>> | null | undefined;

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Network/operation/NetworkCreate */
const networkOptions = ({ internal, driver, driverOptions, attachable, ipv6, ipam }: NetworkSpec) => ({
  Internal: internal,
  ...(driver === undefined ? {} : { Driver: driver }),
  ...(driverOptions === undefined ? {} : { Options: driverOptions }),
  ...(attachable === undefined ? {} : { Attachable: attachable }),
  ...(ipv6 === undefined ? {} : { EnableIPv6: ipv6 }),
  ...(ipam === undefined
    ? {}
    : {
        IPAM: {
          Driver: ipam.driver ?? "default",
          Options: ipam.options ?? {},
          Config: ipam.pools.map(({ subnet, range, gateway, reserved }) => ({
            ...(subnet === undefined ? {} : { Subnet: subnet }),
            ...(range === undefined ? {} : { IPRange: range }),
            ...(gateway === undefined ? {} : { Gateway: gateway }),
            ...(reserved === undefined ? {} : { AuxiliaryAddresses: reserved }),
          })),
        },
      }),
});
