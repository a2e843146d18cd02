import type Dockerode from "dockerode";
import type { ContainerSpec } from "#shared/container-spec.ts";
import { containerName } from "#shared/container-spec.ts";
import { hashOf } from "#shared/hash.ts";
import type { ObservedContainer, ObservedPort } from "#shared/observed.ts";
import { Problem } from "#shared/problem.ts";
import { tarOf } from "./archive.ts";
import type { DockerConnection } from "./connection.ts";
import { containerOptions, networksOf } from "./container-options.ts";
import { labels, type Part } from "./names.ts";

/** A container of ours as one listing shows it. */
export interface ListedContainer extends ObservedContainer {
  readonly id: string;
  /** Ports of the host that lead to it. */
  readonly ports: readonly Pick<ObservedPort, "port" | "protocol">[];
}

export interface CreateContainer {
  readonly spec: ContainerSpec;
  readonly createdBy: string;
  /** Puts secrets where their marks are. */
  readonly fill: (text: string) => string;
}

export interface Containers {
  list(): Promise<ListedContainer[]>;
  /** The container that is whole, or what is left of an attempt to make one. */
  find(part: Part): Promise<ListedContainer | undefined>;
  /** @throws {Problem} `conflict` when a container of that name is not ours */
  create(container: CreateContainer): Promise<void>;
  start(part: Part): Promise<void>;
  /** Asks it to end, and kills it after the grace period of its spec. */
  stop(part: Part): Promise<void>;
  /** Removes it with its anonymous volumes; named ones stay. */
  remove(part: Part): Promise<void>;
}

export function dockerContainers({ engine, names, call }: DockerConnection): Containers {
  async function list(filters = names.filters): Promise<ListedContainer[]> {
    const found = await call("list containers", () => engine.listContainers({ all: true, filters }));
    return (found ?? []).map((info) => listed(info, (part) => `/${names.container(part)}`));
  }

  async function find(part: Part): Promise<ListedContainer | undefined> {
    const found = await list(names.partFilters(part));
    return found.find(({ spec }) => spec !== UNFINISHED) ?? found[0];
  }

  async function ours(part: Part): Promise<ListedContainer> {
    const found = await find(part);
    if (found !== undefined && found.spec !== UNFINISHED) return found;
    throw new Problem("not_found", `there is no container ${containerName(part)} on this beacon`);
  }

  async function removeAll(part: Part): Promise<void> {
    for (const { id } of await list(names.partFilters(part))) {
      const removal = () => engine.getContainer(id).remove({ force: true, v: true });
      // 409: somebody else's removal of it is already under way.
      await call(`remove container ${containerName(part)}`, removal, [404, 409]);
    }
  }

  async function refuseForeign(part: Part): Promise<void> {
    for (const name of [names.container(part), names.unfinished(part)]) {
      const info = await call(`look for container ${name}`, () => engine.getContainer(name).inspect(), [404]);
      if (info === undefined || info.Config.Labels[labels.scope] === names.scope) continue;
      throw new Problem("conflict", `the Docker container ${name} exists already and does not belong to WOPR`, {
        hint: `Remove or rename it: docker rename ${name} ${name}-old.`,
      });
    }
  }

  return {
    list,
    find,

    create: async ({ spec, createdBy, fill }) => {
      const what = `create container ${containerName(spec)}`;
      if ((await find(spec))?.spec === hashOf(spec)) return;
      await refuseForeign(spec);
      await removeAll(spec);
      const container = await call(what, () =>
        engine.createContainer(containerOptions({ spec, names, createdBy, fill })),
      );
      if (container === undefined) return;
      for (const { name, endpoint } of networksOf(spec, names).slice(1)) {
        const connection = { Container: container.id, EndpointConfig: endpoint };
        await call(what, () => engine.getNetwork(name).connect(connection));
      }
      if (spec.files.length > 0) {
        const files = spec.files.map((file) => ({ ...file, content: fill(file.content) }));
        await call(what, () => container.putArchive(tarOf(files), { path: "/" }));
      }
      await call(what, () => container.rename({ name: names.container(spec) }));
    },

    start: async (part) => {
      const { id } = await ours(part);
      await call(`start ${containerName(part)}`, () => engine.getContainer(id).start(), [304]);
    },

    stop: async (part) => {
      const found = await find(part);
      if (found === undefined) return;
      await call(`stop ${containerName(part)}`, () => engine.getContainer(found.id).stop(), [304, 404]);
    },

    remove: removeAll,
  };
}

/** Stands for the hash of a container that was never finished: it equals no spec, so that planners replace it. */
const UNFINISHED = "unfinished";

function listed(info: Dockerode.ContainerInfo, wholeName: (part: Part) => string): ListedContainer {
  const part = { instance: info.Labels[labels.instance] ?? "", service: info.Labels[labels.service] ?? "" };
  const whole = info.Names.includes(wholeName(part));
  return {
    ...part,
    id: info.Id,
    spec: whole ? (info.Labels[labels.spec] ?? UNFINISHED) : UNFINISHED,
    image: info.Image,
    state: stateOf(info.State),
    health: healthOf(info.Status),
    ports: info.Ports.flatMap(({ PublicPort, Type }) =>
      PublicPort === undefined || (Type !== "tcp" && Type !== "udp") ? [] : [{ port: PublicPort, protocol: Type }],
    ),
  };
}

const states = ["running", "created", "exited", "paused", "restarting", "dead"] as const;

/** `removing` is the only other state; what is being removed is as good as dead. */
const stateOf = (state: string) => states.find((known) => known === state) ?? "dead";

/**
 * Health out of a text like `Up 3 minutes (healthy)`, which is all that a listing has of it at API 1.41.
 * Source: https://github.com/moby/moby/blob/v20.10.24/container/state.go (`State.String`) and health.go (`Health.String`)
 */
function healthOf(status: string): ObservedContainer["health"] {
  const said = /^Up .*\((.*)\)$/.exec(status)?.[1];
  if (said === "healthy" || said === "unhealthy") return said;
  return said === "health: starting" ? "starting" : "none";
}
