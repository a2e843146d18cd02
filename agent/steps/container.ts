import type { HealthWait } from "../docker/health.ts";
import type { Some, StepContext } from "./context.ts";

type Kinds =
  | "container.create"
  | "container.update"
  | "container.start"
  | "container.healthy"
  | "container.join"
  | "container.completed"
  | "container.drain"
  | "container.stop"
  | "container.remove";

export const container: Some<Kinds> = {
  "container.create": ({ docker, secrets, command }, { spec, replica, aside }) =>
    docker.containers.create({ spec, replica, aside, createdBy: command, fill: secrets.fill(spec.instance) }),
  "container.update": ({ docker }, { spec, replica }) => docker.containers.update({ spec, replica }),
  "container.start": ({ docker }, step) => docker.containers.start(step),
  "container.healthy": (context, step) => context.docker.waitHealthy(step, waitIn(context, step)),
  "container.completed": (context, step) => context.docker.waitCompleted(step, waitIn(context, step)),
  "container.join": ({ docker }, { spec, replica }) => docker.containers.update({ spec, replica }),
  "container.drain": ({ docker }, step) => docker.containers.stop(step),
  "container.stop": ({ docker }, step) => docker.containers.stop(step),
  "container.remove": ({ docker }, step) => docker.containers.remove(step),
};

const waitIn = ({ secrets, signal, report }: StepContext, { instance }: { instance: string }): HealthWait => ({
  signal,
  redact: secrets.redact(instance),
  report: (detail) => report({ detail }),
});
