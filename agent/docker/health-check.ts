import type Dockerode from "dockerode";
import { z } from "zod";
import type { DockerConnection } from "./connection.ts";
import { demultiplex } from "./streams.ts";

/** A container's health check as an inspection has it; times in nanoseconds, zero is the engine's own default. */
export type HealthCheck = NonNullable<Dockerode.ContainerInspectInfo["Config"]["Healthcheck"]>;

/** https://docs.docker.com/reference/dockerfile/#healthcheck */
const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30_000;

export const intervalMs = ({ Interval }: HealthCheck): number => msOr(Interval, DEFAULT_INTERVAL_MS);
export const timeoutMs = ({ Timeout }: HealthCheck): number => msOr(Timeout, DEFAULT_TIMEOUT_MS);

const msOr = (nanoseconds: number | undefined, otherwise: number) =>
  nanoseconds === undefined || nanoseconds === 0 ? otherwise : nanoseconds / 1e6;

/**
 * What the engine itself runs for a check.
 * Source: https://github.com/moby/moby/blob/v20.10.24/daemon/health.go (`cmdProbe.run`, `getProbe`)
 */
export function argvOf({ Test: [kind, ...words] = [] }: HealthCheck, shell: readonly string[] | undefined): string[] {
  if (kind === "CMD") return words;
  return kind === "CMD-SHELL" ? [...(shell ?? ["/bin/sh", "-c"]), ...words] : [];
}

export interface CheckResult {
  readonly passed: boolean;
  /** What it put out. */
  readonly said: string;
}

const WithShell = z.object({ Shell: z.array(z.string()).nullish() });

/**
 * Runs a check in its container once, as the engine would.
 * @returns undefined when it did not end in its time, or could not be run at all
 */
export async function runCheck(
  { engine, call }: DockerConnection,
  info: Dockerode.ContainerInspectInfo,
  stop: AbortSignal,
): Promise<CheckResult | undefined> {
  const check = info.Config.Healthcheck;
  if (check === undefined) return undefined;
  const what = `check ${info.Name}`;
  const Cmd = argvOf(check, WithShell.parse(info.Config).Shell ?? undefined);
  const container = engine.getContainer(info.Id);
  const exec = await call(what, () => container.exec({ AttachStdout: true, AttachStderr: true, Cmd }), [404, 409]);
  if (exec === undefined) return undefined;
  const said: Buffer[] = [];
  const late = AbortSignal.timeout(timeoutMs(check));
  try {
    await call(what, async () => {
      const abortSignal = AbortSignal.any([late, stop]);
      const output = await exec.start({ abortSignal });
      for await (const { bytes } of demultiplex(output)) said.push(bytes);
    });
  } catch (error) {
    stop.throwIfAborted();
    if (late.aborted) return undefined;
    throw error;
  }
  const { ExitCode } = (await call(what, () => exec.inspect())) ?? {};
  return { passed: ExitCode === 0, said: Buffer.concat(said).toString("utf8").trim() };
}
