import { z } from "zod";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsLabels, VpsSize } from "../provider.ts";

export const TITLE = "Linode";

export const Linode = z.object({
  id: z.number(),
  status: z.string(),
  /** UTC, though it does not say so. */
  created: z.string(),
  type: z.string(),
  region: z.string(),
  tags: z.array(z.string()),
  ipv4: z.array(z.string()),
  /** With the length of its prefix, which is 128. */
  ipv6: z.string().nullable(),
});
export type Linode = z.output<typeof Linode>;

const paged = { page: z.number(), pages: z.number() };
export interface Paged {
  readonly page: number;
  readonly pages: number;
}
export const LinodePage = z.object({ data: z.array(Linode), ...paged });

const Event = z.object({
  id: z.number(),
  action: z.string(),
  status: z.string(),
  entity: z.object({ id: z.union([z.number(), z.string()]).nullable(), type: z.string() }).nullable(),
});
export const EventPage = z.object({ data: z.array(Event), ...paged });

const Price = z.object({ monthly: z.number().nullable() });
const Type = z.object({
  id: z.string(),
  vcpus: z.number(),
  /** MB, of which 1,024 are one GB; the disk's too. */
  memory: z.number(),
  disk: z.number(),
  price: Price,
  region_prices: z.array(Price.extend({ id: z.string() })).default([]),
});
export const TypePage = z.object({ data: z.array(Type), ...paged });

const Region = z.object({ id: z.string(), label: z.string(), country: z.string(), capabilities: z.array(z.string()) });
export const RegionPage = z.object({ data: z.array(Region), ...paged });
/** Of the plans whose stock is limited. */
export const Availability = z.array(z.object({ plan: z.string(), available: z.boolean() }));

/** Of everything that is ours. */
export const OURS = "wopr";
/** Tags have 3 to 50 characters: https://github.com/linode/terraform-provider-linode/issues/32 */
const starts = { "wopr-beacon": "wopr_", "wopr-round": "wopr-round-" } as const;
export const tagOf = (name: keyof VpsLabels, value: string) => starts[name] + value;

const labelIn = (tags: readonly string[], name: keyof VpsLabels) =>
  tags.find((tag) => tag.startsWith(starts[name]))?.slice(starts[name].length);

/** `undefined` of a Linode that is not ours, or as good as gone. */
export function vpsOf(linode: Linode): Vps | undefined {
  const beacon = labelIn(linode.tags, "wopr-beacon");
  const round = labelIn(linode.tags, "wopr-round");
  if (beacon === undefined || round === undefined || linode.status === "deleting") return undefined;
  // Of private ones there are some only where they were asked for.
  const address = linode.ipv4[0];
  const address6 = linode.ipv6?.replace(/\/\d+$/, "");
  const dialsFrom = [address, address6].filter((one) => one !== undefined);
  return {
    id: String(linode.id),
    labels: { "wopr-beacon": beacon, "wopr-round": round },
    status: statuses[linode.status] ?? "starting",
    address,
    address6,
    dialsFrom: dialsFrom.length === 0 ? undefined : dialsFrom,
    size: linode.type,
    region: linode.region,
    createdAt: Date.parse(`${linode.created.replace(/Z$/, "")}Z`),
    log: `the Lish console of the Linode ${linode.id}`,
  };
}

/** What is `provisioning`, `booting`, `migrating` or `rebuilding` is on its way. */
const statuses: Readonly<Record<string, Vps["status"]>> = {
  running: "active",
  shutting_down: "active",
  offline: "off",
  stopped: "off",
  billing_suspension: "off",
};

export function sizeOf(type: z.output<typeof Type>, region: string | undefined): VpsSize {
  const price = type.region_prices.find(({ id }) => id === region) ?? type.price;
  return {
    name: type.id,
    vcpus: type.vcpus,
    memoryMb: type.memory,
    diskGb: Math.floor(type.disk / 1024),
    ...(region === undefined ? {} : { regions: [region] }),
    // Prices are in US dollars: https://techdocs.akamai.com/linode-api/reference/get-linode-types
    ...(price.monthly === null ? {} : { monthlyCents: Math.round(price.monthly * 100), currency: "USD" }),
  };
}

const Refusal = z.object({ errors: z.array(z.object({ field: z.string().optional(), reason: z.string() })).min(1) });
/**
 * There is no code for it, and no way to ask for the limit: "Account Limit reached. Please open a support ticket."
 * https://www.linode.com/docs/guides/common-cloud-manager-errors/
 */
const LIMIT_REACHED = /\blimit reached\b/i;

/** Linode has no codes: a reason in words, and the field of the request that it is about. */
export function judge({ status, body }: VendorRefusal): Verdict {
  const { data } = Refusal.safeParse(body);
  if (data === undefined) return {};
  const reason = data.errors.map((error) => error.reason).join("; ");
  const isQuota = status === 400 && LIMIT_REACHED.test(reason);
  return { reason, vendorCode: data.errors[0]?.field, ...(isQuota ? { code: "provider_quota" } : {}) };
}
