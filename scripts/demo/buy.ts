import { z } from "zod";
import { type JobState, JobView } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { createBuyer } from "#test/hub/site/buyer.ts";
import { CARDS } from "#test/simulators/stripe/cards.ts";
import type { HubClient } from "./hub-client.ts";
import { until } from "./stage.ts";

/** What the demo's customer buys. */
export const demoOrder = {
  email: "ada@example.org",
  beacon: "ada",
  bundle: "essentials",
  tier: "t1",
  modules: ["umami", "vaultwarden", "element"],
} as const;

/** Who buys what, and how it is to be called. */
export interface Basket {
  readonly email: string;
  readonly beacon: string;
  readonly bundle: string;
  readonly tier: string;
}

/**
 * Buys as a browser would, form by form: sign-up, order, the card on Stripe's page, and back to the order.
 * @returns id of the purchase
 * @throws {Problem} `conflict` that says at which page it broke off
 */
export async function buy(hub: string, { email, beacon: name, bundle, tier }: Basket = demoOrder): Promise<string> {
  const buyer = createBuyer(hub);
  const form = { bundle, tier, name, email, storage: "" };
  const review = await buyer.post("/sign-up", form);
  expectPage(review.status === 200, "the sign-up", review);
  const placed = await buyer.post("/order", form);
  expectPage(placed.status === 303 && !placed.location.startsWith("/"), "the order", placed);
  // Cards are for Stripe alone: nothing of the hub's cookies goes there.
  const body = new URLSearchParams({ email, card: CARDS.good, expiry: "12/34", cvc: "123" });
  const paid = await fetch(placed.location, { method: "POST", redirect: "manual", body });
  const back = paid.headers.get("location") ?? "";
  const purchase = /\/order\/([\w-]+)$/.exec(back)?.[1];
  expectPage(purchase !== undefined, "the payment", { status: paid.status, location: back });
  const order = await buyer.get(`/order/${purchase}`);
  expectPage(order.status === 200, "the page of the order", order);
  return purchase;
}

function expectPage(
  holds: boolean,
  what: string,
  { status, location }: { readonly status: number; readonly location: string },
): asserts holds {
  if (!holds) throw new Problem("conflict", `${what} answered ${status}, and led to “${location}”`);
}

/** Called once for each state that the job has left, with the time spent in it. */
export type OnState = (state: JobState, durationMs: number) => void;

const Jobs = z.object({ jobs: z.array(JobView) });

/**
 * Follows the job of a purchase until it is completed. Silence of five minutes ends the waiting, not duration.
 * @throws {Problem} the job's own when it failed.
 */
export async function followPurchase(client: HubClient, purchase: string, onState: OnState): Promise<JobView> {
  const { jobs } = await client.get("/api/jobs", Jobs);
  const first = jobs.find((one) => one.purchase === purchase);
  if (first === undefined) throw new Problem("not_found", `nobody works on ${purchase}`);
  let job: JobView = first;
  const told = new Set<JobState>();
  for (;;) {
    tellStates(job, told, onState);
    if (job.state === "COMPLETED") return job;
    if (job.state === "FAILED" || job.state === "CANCELLED") {
      throw job.problem === undefined
        ? new Problem("internal", `the job is ${job.state} and does not say why`)
        : Problem.from(job.problem);
    }
    const { id, state }: JobView = job;
    const before = signOfLife(job);
    job = await until(`the next sign of life of job ${id} (${state})`, 300_000, async () => {
      const now = await client.get(`/api/jobs/${id}`, JobView);
      return signOfLife(now) === before ? undefined : now;
    });
  }
}

const signOfLife = ({ state, waitingFor, events }: JobView) => JSON.stringify([state, waitingFor, events.length]);

/** An event that ends a state says how long that took; the state is the one of the event before it. */
function tellStates({ events }: JobView, told: Set<JobState>, onState: OnState) {
  events.forEach(({ durationMs }, index) => {
    const left = events[index - 1]?.state;
    if (durationMs === undefined || left === undefined || told.has(left)) return;
    told.add(left);
    onState(left, durationMs);
  });
}
