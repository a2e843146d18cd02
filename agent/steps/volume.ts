import type { Some } from "./context.ts";

export const volume: Some<"volume.create" | "volume.remove"> = {
  "volume.create": ({ docker, command }, { kind: _kind, ...volume }) =>
    docker.volumes.create({ ...volume, createdBy: command }),
  "volume.remove": ({ docker }, { volume }) => docker.volumes.remove(volume),
};
