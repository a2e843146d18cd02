import type { InstanceRecord } from "#shared/instance.ts";
import { containerSeriesName } from "#shared/metrics/sample.ts";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import type { ListedContainer } from "../docker/containers.ts";
import type { Meter, Values } from "./meter.ts";

/** How it shows that the engine does not answer; whatever else went wrong says nothing of it. */
const silent: ReadonlySet<ProblemCode> = new Set(["docker_unavailable", "timed_out"]);

type Seen = Pick<ListedContainer, "instance" | "service" | "state" | "health">;

/** A container that is on its way says nothing yet, neither good nor bad. */
const isOnItsWay = ({ state, health }: Seen) => state === "created" || (state === "running" && health === "starting");
const isWell = ({ state, health }: Seen) => state === "running" && health !== "unhealthy";

/**
 * For each service of what is meant to run whether all its replicas do. One of which a replica is only just starting is left out,
 * and so is what was stopped on purpose.
 */
export function appHealth(records: readonly InstanceRecord[], containers: readonly Seen[]): Values {
  const values: Values = {};
  for (const { resolved, desired } of records) {
    if (desired === "stopped") continue;
    for (const { instance, service, restart } of resolved.containers) {
      const found = containers.filter((one) => one.instance === instance && one.service === service);
      const well = found.filter(isWell).filter((one) => !isOnItsWay(one));
      const wanted = resolved.replicas?.[service] ?? 1;
      // What is not started again ran once, for what the others need.
      if (restart === "no" && found.some(({ state }) => state === "exited")) continue;
      // A former generation may still run beside them.
      if (well.length < wanted && found.some(isOnItsWay)) continue;
      values[containerSeriesName(instance, service, "healthy_count")] = well.length >= wanted ? 1 : 0;
    }
  }
  return values;
}

export interface AppHealthSources {
  readonly records: () => readonly InstanceRecord[];
  /** @throws {Problem} `docker_unavailable`, or `timed_out` where the engine takes too long for a sample */
  readonly containers: () => Promise<readonly Seen[]>;
}

/** Also says whether the engine answers at all: while it does not, nothing is said of the services. */
export const createAppHealthMeter =
  ({ records, containers }: AppHealthSources): Meter =>
  async () => {
    const found = await containers().catch((error: unknown) => {
      if (silent.has(Problem.wrap(error).code)) return undefined;
      throw error;
    });
    return found === undefined
      ? { docker_answers_count: 0 }
      : { docker_answers_count: 1, ...appHealth(records(), found) };
  };
