import { createDocker } from "#agent/docker.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { Problem } from "#shared/problem.ts";
import { MISBEHAVING } from "./container-spec.ts";
import { docker as cli, uniqueScope } from "./engine.ts";

export const socketPath = "/var/run/docker.sock";
export const CREATED_BY = "cmd_00000000-test";
/** The container of `containerSpec()`. */
export const APP = { instance: "app", service: "web" };
export const keep = (text: string) => text;
/** What a wait or a pull needs when nobody looks and nobody ends it. */
export const idle = { signal: new AbortController().signal, report: () => undefined, redact: keep };

/** Brings the image of `containerSpec()` onto this machine. */
export async function pullMisbehaving(): Promise<StandInMirror> {
  const mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving"] });
  const puller = createDocker({ socketPath, scope: uniqueScope(), registryMirror: mirror.mirror });
  await puller.images.pull(MISBEHAVING, idle);
  return mirror;
}

export const inspect = async (name: string) => JSON.parse(await cli("inspect", name))[0];

/** The `Problem` with which something fails. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Problem) return thrown;
  throw new Error("expected a Problem", { cause: thrown });
}
