import type { Some } from "./context.ts";

export const network: Some<"network.create" | "network.remove"> = {
  "network.create": ({ docker, command }, { kind: _kind, ...network }) =>
    docker.networks.create({ ...network, createdBy: command }),
  "network.remove": ({ docker }, { network }) => docker.networks.remove(network),
};
