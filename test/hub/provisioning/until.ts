import { setTimeout as sleep } from "node:timers/promises";
import type { Provisioning } from "#hub/provisioning/provisioning.ts";
import type { JobView } from "#shared/api/hub.ts";

/** Waits for a condition. @throws after a minute, with what was seen last. */
export async function until<T>(look: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  let seen = await look();
  for (const deadline = Date.now() + 60_000; !holds(seen); seen = await look()) {
    if (Date.now() > deadline) throw new Error(`still not so after 60 s: ${JSON.stringify(seen)}`);
    await sleep(10);
  }
  return seen;
}

/** Waits until a job is as wanted. */
export const untilJob = async (hub: Provisioning, id: string, holds: (job: JobView) => boolean): Promise<JobView> => {
  const job = await until(
    () => hub.job(id),
    (seen) => seen !== undefined && holds(seen),
  );
  if (job === undefined) throw new Error(`no job ${id}`);
  return job;
};

export const isFinished = (job: JobView) => job.finishedAt !== undefined;
