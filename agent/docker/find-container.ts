import type Dockerode from "dockerode";
import type { ObservedContainer, ObservedPort } from "#shared/observed.ts";
import type { DockerConnection } from "./connection.ts";
import { type DockerNames, labels, type Part } from "./names.ts";
import { runOf } from "./run.ts";

/** A container of ours as one listing shows it. */
export interface ListedContainer extends ObservedContainer {
  readonly id: string;
  /** Names its present run, see `runOf`. */
  readonly run?: string | undefined;
  /** Ports of the host that lead to it. */
  readonly ports: readonly Pick<ObservedPort, "port" | "protocol">[];
}

/** Stands for the generation of a container that was never finished: no spec has it, so that planners replace it. */
export const UNFINISHED = "unfinished";

/** Containers of the part, or all of ours, in order. */
export async function listContainers({ engine, names, call, proven }: DockerConnection, part?: Part) {
  const filters = part === undefined ? names.filters : names.partFilters(part);
  const found = (await call("list containers", () => engine.listContainers({ all: true, filters }))) ?? [];
  return inOrder(found, (info) => listed(info, names, proven)).filter(
    ({ replica, generation }) =>
      (part?.replica === undefined || part.replica === replica) &&
      (part?.generation === undefined || part.generation === generation),
  );
}

/** All of ours, and the names that others have which ours could have. */
export interface Survey<Own> {
  readonly ours: Own[];
  readonly foreign: string[];
}

/** As `listContainers` all of ours, and in the same call what is in the way of ours. */
export async function surveyContainers({
  engine,
  names,
  call,
  proven,
}: DockerConnection): Promise<Survey<ListedContainer>> {
  const found = (await call("list containers", () => engine.listContainers({ all: true }))) ?? [];
  const isOurs = ({ Labels }: Dockerode.ContainerInfo) => Labels[labels.scope] === names.scope;
  const ours = inOrder(found.filter(isOurs), (info) => listed(info, names, proven));
  const runs = new Set(ours.map(({ run }) => run));
  for (const run of proven) if (!runs.has(run)) proven.delete(run);
  const others = found.filter((info) => !isOurs(info));
  return { ours, foreign: others.flatMap(({ Names }) => Names.flatMap((name) => names.withoutScope(name.slice(1)))) };
}

/** What runs comes first, then the first replica, then the newest. */
const inOrder = (found: Dockerode.ContainerInfo[], read: (info: Dockerode.ContainerInfo) => ListedContainer) =>
  found
    .toSorted((a, b) => b.Created - a.Created)
    .map(read)
    .toSorted((a, b) => rank(a) - rank(b) || a.replica - b.replica);

/** The container that is whole and serves, or what is left of an attempt to make one. */
export const findContainer = async (docker: DockerConnection, part: Part): Promise<ListedContainer | undefined> =>
  (await listContainers(docker, part))[0];

const rank = ({ generation, state }: ListedContainer) => (generation === UNFINISHED ? 2 : state === "running" ? 0 : 1);

function listed(info: Dockerode.ContainerInfo, names: DockerNames, proven: ReadonlySet<string>): ListedContainer {
  const part = { instance: info.Labels[labels.instance] ?? "", service: info.Labels[labels.service] ?? "" };
  const replica = Number(info.Labels[labels.replica] ?? 1);
  const settings = info.Names.map((name) => names.settingsIn(name.slice(1), { ...part, replica })).find(Boolean);
  const run = runOf(info.Id, info.NetworkSettings.Networks);
  const health = healthOf(info.Status);
  return {
    ...part,
    replica,
    id: info.Id,
    run,
    generation: settings === undefined ? UNFINISHED : (info.Labels[labels.generation] ?? UNFINISHED),
    settings: (settings === "as created" ? info.Labels[labels.settings] : settings) ?? "",
    image: info.Image,
    state: stateOf(info.State),
    health: health === "starting" && run !== undefined && proven.has(run) ? "healthy" : health,
    exitCode: exitCodeOf(info.Status),
    ports: info.Ports.flatMap(({ PublicPort, Type }) =>
      PublicPort === undefined || (Type !== "tcp" && Type !== "udp") ? [] : [{ port: PublicPort, protocol: Type }],
    ),
  };
}

const states = ["running", "created", "exited", "paused", "restarting", "dead"] as const;

/** `removing` is the only other state; what is being removed is as good as dead. */
const stateOf = (state: string) => states.find((known) => known === state) ?? "dead";

/** Out of a text like `Exited (0) 3 minutes ago`. */
function exitCodeOf(status: string): number | undefined {
  const code = /^Exited \((\d+)\)/.exec(status)?.[1];
  return code === undefined ? undefined : Number(code);
}

/**
 * Health out of a text like `Up 3 minutes (healthy)`, which is all that a listing has of it at API 1.41.
 * Source: https://github.com/moby/moby/blob/v20.10.24/container/state.go (`State.String`) and health.go (`Health.String`)
 */
function healthOf(status: string): ObservedContainer["health"] {
  const said = /^Up .*\((.*)\)$/.exec(status)?.[1];
  if (said === "healthy" || said === "unhealthy") return said;
  return said === "health: starting" ? "starting" : "none";
}
