import type Dockerode from "dockerode";
import type { DockerConnection } from "./connection.ts";
import { type CheckResult, intervalMs, runCheck } from "./health-check.ts";
import { runOf } from "./run.ts";

/** Shortest pause between two checks. */
const SHORTEST_MS = 50;
/** Pauses grow with the time that a container has been starting for: checks stay few, and come late by a fifth at most. */
const GROWTH = 0.2;

/** Health checks ahead of the engine, of one container. */
export interface EarlyChecks {
  /** What a check showed of the container that was just inspected; undefined when none was due. */
  readonly check: (info: Dockerode.ContainerInspectInfo, stop: AbortSignal) => Promise<CheckResult | undefined>;
  /** How long until one is due; infinite when none comes any more. */
  readonly dueInMs: () => number;
}

/**
 * The engine runs a health check for the first time a whole interval after the start (StartInterval is of API 1.44). Until
 * then this runs the same check, with pauses that grow up to that interval; after that the engine is as quick. A check that
 * fails here counts for nothing: that a container is unhealthy, after its start period and retries, is for the engine to say.
 */
export function earlyChecks(docker: DockerConnection): EarlyChecks {
  let checked: string | undefined;
  let beganAt = 0;
  let nextAt: number | undefined;

  async function checkNow(info: Dockerode.ContainerInspectInfo, stop: AbortSignal) {
    const check = info.Config.Healthcheck;
    const run = runOf(info.Id, info.NetworkSettings.Networks);
    // What could not be told from its next run could not be remembered to be healthy either.
    if (check === undefined || run === undefined || info.State.Health?.Status !== "starting") {
      checked = undefined;
      nextAt = undefined;
      return undefined;
    }
    const at = performance.now();
    if (checked !== run) {
      checked = run;
      beganAt = at;
      nextAt = at;
    }
    if (nextAt === undefined || at < nextAt) return undefined;
    const result = await runCheck(docker, info, stop);
    if (result?.passed === true) docker.proven.add(run);
    const now = performance.now();
    const pauseMs = Math.max(SHORTEST_MS, GROWTH * (now - beganAt));
    nextAt = result === undefined || pauseMs >= intervalMs(check) ? undefined : now + pauseMs;
    return result;
  }

  return {
    check: checkNow,
    dueInMs: () => (nextAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, nextAt - performance.now())),
  };
}
