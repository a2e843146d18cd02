import { Problem } from "#shared/problem.ts";
import { labelsIn } from "../vendor/labels-in-name.ts";
import type { Machine, Subscription } from "./answers.ts";

/** What the account shows. */
export interface Standing {
  readonly machines: readonly Machine[];
  readonly subscriptions: readonly Subscription[];
  /** Names of the orders of ours that were begun, and have no machine. */
  readonly open: readonly string[];
}

export interface BegunOrder {
  readonly hostname: string;
  readonly plan: string;
  /** Nothing was bought for it before, in milliseconds since the epoch. */
  readonly since: number;
}

export type OrderOutcome =
  | { readonly kind: "named"; readonly machine: Machine }
  /** The machine is there without a name of ours: its setup failed. */
  | { readonly kind: "bare"; readonly machine: Machine }
  /** It is paid for, or about to be, and there is no machine. */
  | { readonly kind: "on its way" }
  /** As far as can be seen now. */
  | { readonly kind: "nothing" };

/**
 * What became of an order of which only its beginning is known. What is bought begins without a name of ours, and is known by its plan and
 * its time alone.
 * @throws {Problem} `provider_refused` when it cannot be told from what else is without a name
 */
export function outcomeOf({ machines, subscriptions, open }: Standing, order: BegunOrder): OrderOutcome {
  const named = machines.find(({ hostname }) => hostname === order.hostname);
  if (named !== undefined) return { kind: "named", machine: named };
  const isLater = ({ created_at }: { readonly created_at: string }) => Date.parse(created_at) >= order.since;
  const isBare = ({ state, plan, hostname }: Machine) =>
    state === "initial" && plan === order.plan && labelsIn(hostname) === undefined;
  const bare = machines.filter((machine) => isBare(machine) && isLater(machine));
  const [machine] = bare;
  if (machine !== undefined) {
    if (bare.length === 1 && open.length === 1) return { kind: "bare", machine };
    throw new Problem(
      "provider_refused",
      "VPSs at Hostinger were bought and not set up, and it is not clear for whom",
      {
        hint: "In hPanel, set up those that are yours, and cancel the others; then retry.",
        details: { machines: bare.map(({ id }) => id), orders: open },
      },
    );
  }
  const used = new Set(machines.map(({ subscription_id }) => subscription_id));
  const isPaid = subscriptions.some(
    (one) => one.name === order.plan && one.is_auto_renewed && !used.has(one.id) && isLater(one),
  );
  return { kind: isPaid ? "on its way" : "nothing" };
}
