import type { Some } from "./context.ts";

type Kinds =
  | "container.create"
  | "container.update"
  | "container.start"
  | "container.healthy"
  | "container.join"
  | "container.drain"
  | "container.stop"
  | "container.remove";

export const container: Some<Kinds> = {
  "container.create": ({ docker, secrets, command }, { spec, replica, aside }) =>
    docker.containers.create({ spec, replica, aside, createdBy: command, fill: secrets.fill(spec.instance) }),
  "container.update": ({ docker }, { spec, replica }) => docker.containers.update({ spec, replica }),
  "container.start": ({ docker }, step) => docker.containers.start(step),
  "container.healthy": ({ docker, secrets, signal, report }, step) =>
    docker.waitHealthy(step, {
      signal,
      redact: secrets.redact(step.instance),
      report: (detail) => report({ detail }),
    }),
  "container.join": ({ docker }, { spec, replica }) => docker.containers.update({ spec, replica }),
  "container.drain": ({ docker }, step) => docker.containers.stop(step),
  "container.stop": ({ docker }, step) => docker.containers.stop(step),
  "container.remove": ({ docker }, step) => docker.containers.remove(step),
};
