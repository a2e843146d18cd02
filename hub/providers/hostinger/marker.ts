import type { PlacedOrder, VpsLabels } from "../provider.ts";
import { labelsIn, tagOf } from "../vendor/labels-in-name.ts";
import { hostnameOf, type Machine, type Script, type Subscription } from "./answers.ts";

/** An order that was begun: its script, which is stored before anything is bought, and whose name says for what it is. */
export interface Marker {
  readonly script: number;
  readonly labels: VpsLabels;
  readonly region: string;
  readonly plan: string;
  /** Nothing was bought for it before, in milliseconds since the epoch by the vendor's clock. */
  readonly since: number;
}

export const markerNameOf = ({ labels, region, size }: Pick<PlacedOrder, "labels" | "region" | "size">) =>
  `${tagOf(labels)} ${region} ${size}`;

/** `undefined` of a script that is none of ours. */
export function markerOf({ id, name, created_at }: Script): Marker | undefined {
  const [, tag = "", region, plan] = /^(\S+) (\S+) (.+)$/.exec(name) ?? [];
  const labels = labelsIn(tag);
  if (labels === undefined || region === undefined || plan === undefined) return undefined;
  return { script: id, labels, region, plan, since: Date.parse(created_at) };
}

export const isOf = (labels: VpsLabels) => (one: { readonly labels: VpsLabels }) => tagOf(one.labels) === tagOf(labels);

/** Those whose machine has not got its name. */
export function openOf(markers: readonly Marker[], machines: readonly Machine[]): Marker[] {
  const hosts = new Set(machines.map(({ hostname }) => hostname));
  return markers.filter(({ labels }) => !hosts.has(hostnameOf(labels)));
}

export type OrderOutcome =
  /** The machine is there without a name of ours: its setup failed. */
  | { readonly kind: "bare"; readonly machine: Machine }
  /** It is one of them, or none. */
  | { readonly kind: "unclear"; readonly machines: readonly Machine[] }
  /** It is paid for, or about to be, and there is no machine. */
  | { readonly kind: "on its way" }
  /** As far as can be seen now. */
  | { readonly kind: "nothing" };

/** What the account shows. */
export interface Standing {
  readonly machines: readonly Machine[];
  readonly subscriptions: readonly Subscription[];
  /** Of all markers those that are open. */
  readonly open: readonly Marker[];
}

/**
 * What became of an order of which only its beginning is known. What is bought begins without a name of ours, and is known by its plan and
 * its time alone.
 */
export function outcomeOf({ machines, subscriptions, open }: Standing, { plan, since }: Marker): OrderOutcome {
  const isLater = ({ created_at }: { readonly created_at: string }) => Date.parse(created_at) >= since;
  const bare = machines.filter(
    (machine) => machine.state === "initial" && machine.plan === plan && labelsIn(machine.hostname) === undefined,
  );
  const [machine, ...others] = bare.filter(isLater);
  if (machine !== undefined) {
    const isClear = others.length === 0 && open.filter((marker) => marker.plan === plan).length === 1;
    return isClear ? { kind: "bare", machine } : { kind: "unclear", machines: [machine, ...others] };
  }
  const used = new Set(machines.map(({ subscription_id }) => subscription_id));
  const isPaid = subscriptions.some(
    (one) => one.name === plan && one.is_auto_renewed && !used.has(one.id) && isLater(one),
  );
  return { kind: isPaid ? "on its way" : "nothing" };
}
