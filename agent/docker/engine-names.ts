import type { Observed, ObservedName } from "#shared/observed.ts";
import type { DockerConnection } from "./connection.ts";
import { labels } from "./names.ts";

/** Every network and volume of the engine, whoever made it: what a plain Compose project may want to use or to be called. */
export type ListEngineNames = () => Promise<NonNullable<Observed["engine"]>>;

export const dockerEngineNames = ({ engine, names, call }: DockerConnection): ListEngineNames => {
  const named = (kind: "network" | "volume", found: readonly Named[]): Record<string, ObservedName> =>
    Object.fromEntries(
      found.map(({ Name, Labels }) => {
        const isOurs = Labels?.[labels.scope] === names.scope;
        return [
          Name,
          { logical: isOurs ? Labels?.[labels[kind]] : undefined, settings: Labels?.[labels.settings] ?? "" },
        ];
      }),
    );
  return async () => {
    const [networks, volumes] = await Promise.all([
      call("list networks", () => engine.listNetworks()),
      call("list volumes", () => engine.listVolumes()),
    ]);
    return { networks: named("network", networks ?? []), volumes: named("volume", volumes?.Volumes ?? []) };
  };
};

interface Named {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
}
