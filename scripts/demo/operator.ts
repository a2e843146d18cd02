import { z } from "zod";
import { SyncReport } from "#shared/api/billing.ts";
import { Me } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { createHubClient, type HubClient } from "./hub-client.ts";
import type { HubProcess } from "./hub-process.ts";
import type { Place } from "./place.ts";

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

/** Brings what is for sale to Stripe, as `wopr billing sync` does. @returns how many changes that took */
export async function putOnSale(client: HubClient): Promise<number> {
  const { steps } = await client.post("/api/billing/sync", { apply: true }, SyncReport);
  return steps.length;
}
