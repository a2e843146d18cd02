import type { Step, StepKind } from "#shared/steps.ts";
import type { CaddyRoutes } from "../caddy-routes.ts";
import type { Docker } from "../docker.ts";
import type { Postgres } from "../postgres.ts";
import type { Redis } from "../redis.ts";
import type { Secrets } from "../secrets.ts";
import type { InstanceRecords } from "../store/instance-records.ts";

/** All that steps can reach. */
export interface World {
  readonly docker: Docker;
  readonly routes: CaddyRoutes;
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly secrets: Secrets;
  readonly records: InstanceRecords;
}

/** What a step says of itself while it runs. */
export interface StepNews {
  readonly detail?: string;
  readonly percent?: number;
}

export interface StepContext extends World {
  /** Id of the command for which the step is carried out. */
  readonly command: string;
  /** A step that waits for something ends early with the signal's reason. */
  readonly signal: AbortSignal;
  readonly report: (news: StepNews) => void;
}

/**
 * One executor per kind of step. Each is safe to carry out again: what already holds is left alone.
 */
export type Executors<Context> = { [K in StepKind]: (context: Context, step: Step<K>) => Promise<void> };

/** Executors of some kinds of step, as the files here export them. */
export type Some<Kinds extends StepKind> = Pick<Executors<StepContext>, Kinds>;
