import type { ResolvedInstance } from "../instance.ts";
import type { Observed, ObservedNames } from "../observed.ts";
import { exactNameIn, type NetworkSpec, resourceSettingsOf, type VolumeSettings } from "../resource-spec.ts";
import type { Objection } from "./admission/objection.ts";

type Kind = "network" | "volume";

/** Networks and volumes that have to be there and are not, and those that have to be ours, or as asked for, and are not. */
export function engineNameObjections(resolved: ResolvedInstance, { engine }: Observed): Objection[] {
  if (engine === undefined) return [];
  return [
    ...missing("network", resolved.outside?.networks ?? [], engine.networks),
    ...missing("volume", resolved.outside?.volumes ?? [], engine.volumes),
    ...resolved.networks.flatMap((spec) => unlike("network", spec.network, { spec, present: engine.networks })),
    ...resolved.volumes.flatMap((volume) =>
      unlike("volume", volume, { spec: resolved.volumeSettings?.[volume] ?? {}, present: engine.volumes }),
    ),
  ];
}

const missing = (kind: Kind, names: readonly string[], present: ObservedNames): Objection[] =>
  names
    .filter((name) => !Object.hasOwn(present, name))
    .map((name) => ({
      code: "dependency_missing",
      where: name,
      message: `there is no Docker ${kind} ${name}, which is said to be external`,
      hint: `Make it (docker ${kind} create ${name}), or leave external out.`,
    }));

interface Wanted {
  readonly spec: NetworkSpec | VolumeSettings;
  readonly present: ObservedNames;
}

function unlike(kind: Kind, logical: string, { spec, present }: Wanted): Objection[] {
  const exact = exactNameIn(logical);
  const holder = exact !== undefined && Object.hasOwn(present, exact) ? present[exact] : undefined;
  if (holder !== undefined && holder.logical !== logical) {
    return [
      {
        code: "conflict",
        where: logical,
        message: `the Docker ${kind} ${exact} exists already and is not of this project`,
        hint: "Say external: true to use it as it is, or give yours another name.",
      },
    ];
  }
  const own = Object.values(present).find((known) => known.logical === logical);
  if (own === undefined || own.settings === resourceSettingsOf(spec)) return [];
  return [
    {
      code: "conflict",
      where: logical,
      message: `${kind} ${logical} was made with other settings than these`,
      hint:
        kind === "network"
          ? "Take the project down and up again: a network cannot be changed while containers are in it."
          : "Give the volume another name, or move its data away and remove it: a volume cannot be changed.",
    },
  ];
}
