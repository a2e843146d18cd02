import type { Some } from "./context.ts";

export const network: Some<"network.create" | "network.remove"> = {
  "network.create": ({ docker, command }, { network, internal }) =>
    docker.networks.create({ network, internal, createdBy: command }),
  "network.remove": ({ docker }, { network }) => docker.networks.remove(network),
};
