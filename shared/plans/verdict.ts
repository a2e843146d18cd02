import type { ContainerSpec } from "../container-spec.ts";
import { generationOf, settingsOf } from "../generation.ts";
import type { ObservedContainer } from "../observed.ts";

/** What has to happen to one replica of a service, and to which containers. */
export interface Verdict {
  readonly kind: "create" | "up-to-date" | "update" | "recreate";
  /** The container of the wanted generation, where it exists. */
  readonly current?: ObservedContainer;
  /** Other containers of the same replica: former generations. */
  readonly former: readonly ObservedContainer[];
  /** What cannot be used for anything: half made, or dead. */
  readonly debris: readonly ObservedContainer[];
}

/** Compares one replica as it is wanted with the containers that are seen in its place. */
export function verdictOf(spec: ContainerSpec, present: readonly ObservedContainer[]): Verdict {
  const debris = present.filter(isDebris);
  const usable = present.filter((container) => !isDebris(container));
  const current = usable.find(({ generation }) => generation === generationOf(spec));
  const former = usable.filter((container) => container !== current);
  if (current === undefined) return { kind: former.length === 0 ? "create" : "recreate", former, debris };
  const kind = current.settings === settingsOf(spec) ? "up-to-date" : "update";
  return { kind, current, former, debris };
}

/** A dead container cannot be started again (https://docs.docker.com/reference/cli/docker/container/ls/#status). */
const isDebris = ({ state, generation }: ObservedContainer) => state === "dead" || generation === "unfinished";
