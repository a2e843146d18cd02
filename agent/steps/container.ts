import type { Some } from "./context.ts";

type Kinds = "container.create" | "container.start" | "container.healthy" | "container.stop" | "container.remove";

export const container: Some<Kinds> = {
  "container.create": ({ docker, secrets, command }, { spec }) =>
    docker.containers.create({ spec, createdBy: command, fill: secrets.fill(spec.instance) }),
  "container.start": ({ docker }, { instance, service }) => docker.containers.start({ instance, service }),
  "container.healthy": ({ docker, secrets, signal, report }, { instance, service }) =>
    docker.waitHealthy(
      { instance, service },
      { signal, redact: secrets.redact(instance), report: (detail) => report({ detail }) },
    ),
  "container.stop": ({ docker }, { instance, service }) => docker.containers.stop({ instance, service }),
  "container.remove": ({ docker }, { instance, service }) => docker.containers.remove({ instance, service }),
};
