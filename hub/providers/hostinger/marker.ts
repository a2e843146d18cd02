import type { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { labelsIn } from "../vendor/labels-in-name.ts";
import type { Machine, Subscription } from "./answers.ts";

/** How long after an order that was not answered it may still show up. */
export const SETTLE_MS = 90_000;

/** What the account shows after an order that may or may not have been placed. */
export interface Account {
  readonly machines: readonly Machine[];
  readonly subscriptions: readonly z.output<typeof Subscription>[];
  /** Orders of ours that have been begun, and have no machine: when, by name. */
  readonly open: ReadonlyMap<string, number>;
}

export type Outcome =
  /** The machine is there, and carries no name of ours: its setup failed. */
  | { readonly kind: "bare"; readonly machine: Machine }
  /** It is paid for, or about to be, and there is no machine yet. */
  | { readonly kind: "on its way" }
  | { readonly kind: "nothing" };

/**
 * What became of an order of which only its beginning is known: bought machines begin without a name of ours, so that they are known by
 * their time and plan alone.
 * @param since When the order was begun
 * @throws {Problem} `provider_refused` when it cannot be told apart from others
 */
export function outcomeOf({ machines, subscriptions, open }: Account, plan: string, since: number): Outcome {
  const isLater = ({ created_at }: { created_at: string }) => Date.parse(created_at) >= since;
  const bare = machines.filter(
    (machine) =>
      machine.state === "initial" &&
      machine.plan === plan &&
      labelsIn(machine.hostname) === undefined &&
      isLater(machine),
  );
  const [machine] = bare;
  if (machine !== undefined) {
    if (bare.length === 1 && open.size === 1) return { kind: "bare", machine };
    throw new Problem("provider_refused", `several VPSs at Hostinger have been bought and not set up`, {
      hint: "Set up in hPanel those that are yours, or cancel them; then retry.",
      details: { machines: bare.map(({ id }) => id), orders: [...open.keys()] },
    });
  }
  const isUsed = new Set(machines.map(({ subscription_id }) => subscription_id));
  const isPaid = subscriptions.some(
    (one) => one.name === plan && one.is_auto_renewed && !isUsed.has(one.id) && isLater(one),
  );
  return { kind: isPaid ? "on its way" : "nothing" };
}
