import { templates } from "./catalog.ts";

export interface HostingerMachine {
  readonly id: number;
  readonly subscriptionId: string;
  readonly plan: string;
  readonly cpus: number;
  readonly memory: number;
  readonly disk: number;
  readonly createdAt: number;
  /** Until then it has been paid for, but is not there. */
  readonly appearsAt: number;
  hostname: string;
  state: "initial" | "creating" | "running" | "starting" | "stopping" | "stopped" | "error";
  dataCenterId: number | null;
  templateId: number | null;
  /** The script that ran once, when it had been installed. */
  script: string | undefined;
  /** What becomes of it by itself. */
  next: { readonly at: number; readonly state: HostingerMachine["state"] } | undefined;
}

export interface HostingerSubscription {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly createdAt: number;
  /** Until when it is paid. */
  readonly expiresAt: number;
  renewed: boolean;
}

export const addressOf = ({ id }: Pick<HostingerMachine, "id">) => `72.60.0.${id % 250}`;

/** @param told The address that the vendor says it has */
export function machineView(
  { id, subscriptionId, plan, cpus, memory, disk, ...machine }: HostingerMachine,
  told: string,
) {
  const { hostname, state, createdAt, templateId, dataCenterId } = machine;
  const isPlaced = state !== "initial" && state !== "creating";
  return {
    ...{ id, subscription_id: subscriptionId, plan, cpus, memory, disk, hostname, state, bandwidth: 4096000 },
    ...{ firewall_group_id: null, data_center_id: dataCenterId, actions_lock: machine.next ? "locked" : "unlocked" },
    ...{ ns1: "1.1.1.1", ns2: "8.8.8.8", ipv4: isPlaced ? [{ id, address: told, ptr: null }] : null },
    ipv6: isPlaced ? [{ id, address: `2001:db8:57::${id.toString(16)}`, ptr: null }] : null,
    ...{ template: templates.find((one) => one.id === templateId) ?? null, created_at: dateOf(createdAt) },
  };
}

export const subscriptionView = ({ id, name, price, createdAt, expiresAt, renewed }: HostingerSubscription) => ({
  ...{ id, name, status: renewed ? "active" : "not_renewing", billing_period: 1, billing_period_unit: "month" },
  ...{ currency_code: "USD", total_price: price, renewal_price: price, is_auto_renewed: renewed },
  ...{
    created_at: dateOf(createdAt),
    expires_at: dateOf(expiresAt),
    next_billing_at: renewed ? dateOf(expiresAt) : null,
  },
});

export const dateOf = (ms: number) => new Date(ms).toISOString();
