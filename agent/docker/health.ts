import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { containerName } from "#shared/container-spec.ts";
import { Problem } from "#shared/problem.ts";
import type { DockerConnection } from "./connection.ts";
import { earlyChecks } from "./early-checks.ts";
import { evidenceOf } from "./evidence.ts";
import { findContainer } from "./find-container.ts";
import { intervalMs, timeoutMs } from "./health-check.ts";
import type { ReadLogs } from "./logs.ts";
import type { Part } from "./names.ts";

export interface HealthWait {
  readonly signal: AbortSignal;
  /** Takes what the container says of itself, for people. */
  readonly report: (detail: string) => void;
  /** Takes secrets out of what goes into a `Problem`. */
  readonly redact: (text: string) => string;
}

/**
 * Resolves once the container is healthy, as the engine or a check ahead of the engine's own says, or, without a health
 * check, has run for a second.
 * @throws {Problem} `container_exited`, `container_unhealthy` or, when nothing changes any more, `timed_out`; each with
 *   the last log lines in `details.log`
 */
export type WaitHealthy = (part: Part, wait: HealthWait) => Promise<void>;

type Info = Dockerode.ContainerInspectInfo;

const LOOK_EVERY_MS = 100;
/** How long a container without a health check has to run to count as well. */
const STEADY_MS = 1000;
/** Ends after which a container that Docker starts again and again is given up. */
export const MOST_RESTARTS = 3;
/** @param silenceMs How long nothing may change, besides what a health check may take by its own settings. */
export function waitHealthyIn(docker: DockerConnection, logs: ReadLogs, silenceMs: number): WaitHealthy {
  const { engine, call } = docker;

  async function inspect(part: Part, id: string | undefined): Promise<Info> {
    const found = id ?? (await findContainer(docker, part))?.id;
    const look = () => engine.getContainer(found ?? "").inspect();
    const info = found === undefined ? undefined : await call(`look at ${containerName(part)}`, look, [404]);
    if (info !== undefined) return info;
    throw new Problem("container_exited", `${containerName(part)} was removed while it started`);
  }

  const evidence = (part: Part, { redact }: HealthWait, more: Record<string, unknown>) =>
    evidenceOf(logs, part, { ...more, redact });

  return async (part, wait) => {
    const name = containerName(part);
    let first: Info | undefined;
    let seen = "";
    const early = earlyChecks(docker);
    let changedAt = performance.now();
    for (;;) {
      const info = await inspect(part, first?.Id);
      first ??= info;
      const restarts = info.RestartCount - first.RestartCount;
      const verdict = judge(info, restarts);
      if (verdict === "well") return;
      if (verdict === "exited") {
        throw new Problem("container_exited", `${name} ended with exit code ${info.State.ExitCode}${oom(info)}`, {
          hint: "Its log says why.",
          details: await evidence(part, wait, { exitCode: info.State.ExitCode, restarts }),
        });
      }
      if (verdict === "unhealthy") {
        const said = wait.redact(lastCheck(info) ?? "");
        throw new Problem("container_unhealthy", `${name} runs, but its health check fails`, {
          hint: "The output of the check and the log of the container say why.",
          details: await evidence(part, wait, { check: said }),
        });
      }
      const checked = verdict === "waiting" ? await early.check(info, wait.signal) : undefined;
      if (checked?.passed === true) return;
      if (checked !== undefined) wait.report(notYet(checked.said, wait));
      const now = fingerprint(info);
      if (now !== seen) {
        seen = now;
        changedAt = performance.now();
        wait.report(describe(info, restarts, wait));
      } else if (verdict === "steady" && performance.now() - changedAt >= STEADY_MS) {
        return;
      } else if (performance.now() - changedAt > roundMs(info) + silenceMs) {
        throw new Problem("timed_out", `${name} does not get healthy, and nothing changes any more`, {
          details: await evidence(part, wait, { state: info.State.Status }),
        });
      }
      await sleep(Math.min(LOOK_EVERY_MS, early.dueInMs()), undefined, { signal: wait.signal }).catch(() =>
        wait.signal.throwIfAborted(),
      );
    }
  };
}

/** `steady`: it runs, and no health check says more. */
type Verdict = "well" | "steady" | "exited" | "unhealthy" | "waiting";

function judge({ State: state, RestartCount }: Info, restarts: number): Verdict {
  if (restarts >= MOST_RESTARTS) return "exited";
  if (state.Restarting) return RestartCount >= MOST_RESTARTS ? "exited" : "waiting";
  if (!state.Running) return "exited";
  const health = state.Health?.Status ?? "none";
  if (health === "healthy") return "well";
  if (health === "unhealthy") return "unhealthy";
  if (health === "starting") return "waiting";
  return "steady";
}

const oom = ({ State }: Info) => (State.OOMKilled ? ", killed for using more memory than it may" : "");

const lastCheck = ({ State }: Info) => State.Health?.Log.at(-1)?.Output.trim();

const fingerprint = ({ State, RestartCount }: Info) =>
  JSON.stringify([State.Status, State.StartedAt, State.Health?.Status, State.Health?.Log.at(-1)?.Start, RestartCount]);

function describe(info: Info, restarts: number, wait: HealthWait): string {
  if (restarts > 0) return `started again ${restarts} times`;
  if (info.State.Health === undefined) return info.State.Status;
  return notYet(lastCheck(info) ?? "", wait);
}

const notYet = (said: string, { redact }: HealthWait) =>
  said === "" ? "not healthy yet" : `not healthy yet: ${redact(said).slice(0, 200)}`;

/** One whole round of the health check, with the defaults of Docker where it sets none. */
function roundMs({ Config: { Healthcheck: check } }: Info): number {
  const retries = check?.Retries === undefined || check.Retries === 0 ? 3 : check.Retries;
  const round = intervalMs(check ?? {}) + timeoutMs(check ?? {});
  return retries * round + (check?.StartPeriod ?? 0) / 1e6;
}
