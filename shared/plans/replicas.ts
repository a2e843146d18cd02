import type { ContainerSpec } from "../container-spec.ts";
import type { ResolvedInstance } from "../instance.ts";

export interface Replica {
  readonly spec: ContainerSpec;
  /** Counted from 1. */
  readonly replica: number;
  /** Services that have to be ready before it starts. */
  readonly after: readonly string[];
  /** Whether it does its work and ends. */
  readonly completes: boolean;
}

/** Every container that an instance is meant to have, in the order in which they start. */
export const replicasOf = ({ containers, replicas, after, completes }: ResolvedInstance): Replica[] =>
  containers.flatMap((spec, index) =>
    Array.from({ length: replicas?.[spec.service] ?? 1 }, (_, n) => ({
      spec,
      replica: n + 1,
      after:
        after === undefined ? containers.slice(0, index).map(({ service }) => service) : (after[spec.service] ?? []),
      completes: completes?.includes(spec.service) ?? false,
    })),
  );
