import { z } from "zod";
import { type JobState, JobView, Me } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { createHubClient, type HubClient } from "./hub-client.ts";
import type { HubProcess } from "./hub-process.ts";
import type { Place } from "./place.ts";
import { until } from "./stage.ts";

/** What the demo's customer buys. */
export const demoOrder = {
  email: "ada@example.org",
  beacon: "ada",
  modules: ["umami", "vaultwarden", "element"],
} as const;

/** Does what an operator does at the first start: takes the one-time code, makes the account, signs in. */
export async function setUpOperator(hub: HubProcess, place: Place): Promise<HubClient> {
  const client = createHubClient(hub.url);
  const { email, password, name } = place.operator;
  await client.post("/api/setup", { code: hub.setupCode(), email, password, name }, z.unknown());
  await client.post("/api/auth/sign-in/email", { email, password }, z.unknown());
  const me = await client.get("/api/me", Me);
  if (me.role !== "operator") throw new Problem("forbidden", `${email} is not an operator after the set-up`);
  return client;
}

/** Called once for each state that the job has left, with the time spent in it. */
export type OnState = (state: JobState, durationMs: number) => void;

/**
 * Places the order and follows its job until it is completed. Silence of five minutes ends the waiting, not duration.
 * @throws {Problem} the job's own when it failed.
 */
export async function placeOrder(client: HubClient, onState: OnState): Promise<JobView> {
  let job = await client.post("/api/orders", demoOrder, JobView);
  const told = new Set<JobState>();
  while (job.state !== "COMPLETED") {
    const before = JSON.stringify([job.state, job.waitingFor, job.events.length]);
    job = await until(`the next sign of life of job ${job.id} (${job.state})`, 300_000, async () => {
      const now = await client.get(`/api/jobs/${job.id}`, JobView);
      return JSON.stringify([now.state, now.waitingFor, now.events.length]) === before ? undefined : now;
    });
    tellStates(job, told, onState);
    if (job.state === "FAILED" || job.state === "CANCELLED") {
      throw job.problem === undefined
        ? new Problem("internal", `the job is ${job.state} and does not say why`)
        : Problem.from(job.problem);
    }
  }
  return job;
}

/** An event that ends a state says how long that took; the state is the one of the event before it. */
function tellStates({ events }: JobView, told: Set<JobState>, onState: OnState) {
  events.forEach(({ durationMs }, index) => {
    const left = events[index - 1]?.state;
    if (durationMs === undefined || left === undefined || told.has(left)) return;
    told.add(left);
    onState(left, durationMs);
  });
}
