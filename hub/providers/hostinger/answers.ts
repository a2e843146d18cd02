import { z } from "zod";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsLabels, VpsRegion, VpsSize } from "../provider.ts";
import { tagOf } from "../vendor/labels-in-name.ts";

export const TITLE = "Hostinger";

const Addresses = z.array(z.object({ address: z.string() })).nullish();
export const Machine = z.object({
  id: z.number(),
  subscription_id: z.string().nullish(),
  data_center_id: z.number().nullish(),
  plan: z.string().nullish(),
  hostname: z.string(),
  state: z.string(),
  ipv4: Addresses,
  ipv6: Addresses,
  created_at: z.string(),
});
export type Machine = z.output<typeof Machine>;

export const Order = z.object({ order: z.object({ status: z.string() }), virtual_machine: Machine.nullish() });
export const Subscription = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  is_auto_renewed: z.boolean(),
  created_at: z.string(),
});
export type Subscription = z.output<typeof Subscription>;
export const Script = z.object({ id: z.number(), name: z.string(), created_at: z.string() });
export type Script = z.output<typeof Script>;
export const ScriptPage = z.object({
  data: z.array(Script),
  meta: z.object({ current_page: z.number(), per_page: z.number(), total: z.number() }),
});
export const Template = z.object({ id: z.number(), name: z.string() });
export const DataCenter = z.object({
  id: z.number(),
  name: z.string().nullish(),
  location: z.string().nullish(),
  city: z.string().nullish(),
});
export type DataCenter = z.output<typeof DataCenter>;

const Price = z.object({
  id: z.string(),
  currency: z.string(),
  price: z.number(),
  period: z.number(),
  period_unit: z.string(),
});
export const Item = z.object({
  name: z.string(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  prices: z.array(Price),
});
export type Item = z.output<typeof Item>;

/** One that may be made into a name: the domain is nobody's (https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en#section2.a). */
const DOMAIN = "wopr.internal";
export const hostnameOf = (labels: VpsLabels) => `${tagOf(labels)}.${DOMAIN}`;

/** Data centres have names that people know, and ids that orders want. */
export const regionNameOf = ({ id, name }: DataCenter) => name ?? String(id);

export const regionOf = (center: DataCenter): VpsRegion => ({
  name: regionNameOf(center),
  title: center.city ?? regionNameOf(center),
  country: center.location?.toUpperCase(),
});

/** @param labels Of the machine, in its name or not */
export function vpsOf(machine: Machine, labels: VpsLabels, centers: readonly DataCenter[]): Vps {
  const center = centers.find(({ id }) => id === machine.data_center_id);
  const addresses = [...(machine.ipv4 ?? []), ...(machine.ipv6 ?? [])].map(({ address }) => address);
  return {
    id: String(machine.id),
    labels,
    status: statuses[machine.state] ?? "starting",
    address: machine.ipv4?.[0]?.address,
    address6: machine.ipv6?.[0]?.address,
    size: machine.plan ?? undefined,
    region: center === undefined ? undefined : regionNameOf(center),
    createdAt: Date.parse(machine.created_at),
    dialsFrom: addresses.length === 0 ? undefined : addresses,
    log: `/post_install.log on the VPS ${machine.id} at ${TITLE}, which says that it is ${machine.state}`,
  };
}

/** What was bought and not set up is there, and does not run: `power` has it set up. */
const statuses: Readonly<Record<string, Vps["status"]>> = {
  running: "active",
  stopped: "off",
  suspended: "off",
  initial: "off",
};

/** Where it is the price of one month, renewed: first months are cheaper. */
export const monthOf = ({ prices }: Item) =>
  prices.find(({ period, period_unit }) => period === 1 && period_unit === "month");

/** Texts, in MB: seen in the catalogue, which does not describe them. */
const Metadata = z.object({ cpus: z.coerce.number(), memory: z.coerce.number(), disk_space: z.coerce.number() });

export function sizeOf(item: Item): VpsSize | undefined {
  const { data } = Metadata.safeParse(item.metadata);
  const month = monthOf(item);
  if (data === undefined || month === undefined) return undefined;
  return {
    ...{ name: item.name, vcpus: data.cpus, memoryMb: data.memory, diskGb: Math.floor(data.disk_space / 1024) },
    ...{ monthlyCents: month.price, currency: month.currency },
  };
}

const Refusal = z.object({ message: z.string(), errors: z.record(z.string(), z.unknown()).optional() });
/** Of the fields of an order those that name what was on offer a moment ago. */
const onOffer = ["item_id", "data_center_id", "setup.data_center_id"];

export function judge({ status, body }: VendorRefusal): Verdict {
  const { data } = Refusal.safeParse(body);
  if (data === undefined) return {};
  const fields = Object.keys(data.errors ?? {});
  const isSoldOut = status === 422 && fields.some((field) => onOffer.includes(field));
  const reason = fields.length === 0 ? data.message : `${data.message} (${fields.join(", ")})`;
  return { code: isSoldOut ? "provider_out_of_stock" : status === 409 ? "conflict" : undefined, reason };
}
