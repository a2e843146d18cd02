import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { containerName } from "#shared/container-spec.ts";
import { Problem } from "#shared/problem.ts";
import type { DockerConnection } from "./connection.ts";
import { evidenceOf } from "./evidence.ts";
import { findContainer } from "./find-container.ts";
import { type HealthWait, MOST_RESTARTS } from "./health.ts";
import type { ReadLogs } from "./logs.ts";
import type { Part } from "./names.ts";

/**
 * Resolves once the container has ended with exit code 0. How long that takes is the container's own affair: the
 * migration of a large database says nothing for an hour, so that silence proves nothing here; the signal ends the wait.
 * @throws {Problem} `container_exited` with the last log lines in `details.log`
 */
export type WaitCompleted = (part: Part, wait: HealthWait) => Promise<void>;

const LOOK_EVERY_MS = 250;

export function waitCompletedIn(docker: DockerConnection, logs: ReadLogs): WaitCompleted {
  const { engine, call } = docker;

  async function inspect(part: Part): Promise<Dockerode.ContainerInspectInfo> {
    const id = (await findContainer(docker, part))?.id;
    const look = () => engine.getContainer(id ?? "").inspect();
    const info = id === undefined ? undefined : await call(`look at ${containerName(part)}`, look, [404]);
    if (info !== undefined) return info;
    throw new Problem("container_exited", `${containerName(part)} was removed before it had done its work`);
  }

  return async (part, { signal, report, redact }) => {
    let seen = "";
    for (;;) {
      const { State: state, RestartCount: restarts } = await inspect(part);
      const { ExitCode: exitCode, Status: status } = state;
      if (status === "exited" && exitCode === 0) return;
      if (!(state.Running || state.Restarting) || restarts >= MOST_RESTARTS) {
        throw new Problem(
          "container_exited",
          `${containerName(part)} was to do its work and failed with exit code ${exitCode}`,
          {
            hint: "Its log says why. What depends on it was not started.",
            details: await evidenceOf(logs, part, { redact, exitCode, restarts }),
          },
        );
      }
      const now = restarts === 0 ? "at work" : `failed ${restarts} times, and tries again`;
      if (now !== seen) report(now);
      seen = now;
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  };
}
