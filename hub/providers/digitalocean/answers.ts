import { z } from "zod";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsLabels, VpsSize } from "../provider.ts";

export const TITLE = "DigitalOcean";

const Droplet = z.object({
  id: z.number(),
  status: z.string(),
  /** Something is under way, and nothing else is taken. */
  locked: z.boolean(),
  created_at: z.iso.datetime({ offset: true }),
  size_slug: z.string(),
  region: z.object({ slug: z.string() }),
  tags: z.array(z.string()),
  networks: z.object({
    v4: z.array(z.object({ ip_address: z.string(), type: z.string() })).default([]),
    v6: z.array(z.object({ ip_address: z.string(), type: z.string() })).default([]),
  }),
});
export type Droplet = z.output<typeof Droplet>;
export const OneDroplet = z.object({ droplet: Droplet });

const paged = {
  links: z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional(),
  meta: z.object({ total: z.number() }),
};
export const DropletPage = z.object({ droplets: z.array(Droplet), ...paged });

const Size = z.object({
  slug: z.string(),
  vcpus: z.number(),
  /** MiB. */
  memory: z.number(),
  disk: z.number(),
  price_monthly: z.number(),
  regions: z.array(z.string()),
  available: z.boolean(),
});
export const SizePage = z.object({ sizes: z.array(Size), ...paged });
export const RegionPage = z.object({
  regions: z.array(z.object({ slug: z.string(), name: z.string(), available: z.boolean() })),
  ...paged,
});
export interface Paged {
  readonly links?: { readonly pages?: { readonly next?: string | undefined } | undefined } | undefined;
}

export const Account = z.object({ account: z.object({ droplet_limit: z.number() }) });
export const Acted = z.object({
  action: z.object({ id: z.number(), status: z.enum(["in-progress", "completed", "errored"]) }),
});

/** Of everything that is ours. */
export const OURS = "wopr";

/** Tags are letters, digits, colons, dashes and underscores, 255 at most: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Tags */
export const tagOf = (name: keyof VpsLabels, value: string) => `${name}:${value}`;

function labelIn(tags: readonly string[], name: keyof VpsLabels): string | undefined {
  const start = `${name}:`;
  return tags.find((tag) => tag.startsWith(start))?.slice(start.length);
}

/** `undefined` of a Droplet that is not ours. */
export function vpsOf(droplet: Droplet): Vps | undefined {
  const beacon = labelIn(droplet.tags, "wopr-beacon");
  const round = labelIn(droplet.tags, "wopr-round");
  if (!droplet.tags.includes(OURS) || beacon === undefined || round === undefined) return undefined;
  const { v4, v6 } = droplet.networks;
  const addresses = [...v4, ...v6].filter(({ type }) => type === "public").map(({ ip_address }) => ip_address);
  return {
    id: String(droplet.id),
    labels: { "wopr-beacon": beacon, "wopr-round": round },
    status: statuses[droplet.status] ?? "starting",
    // The networks of both families come at the same moment.
    address: v4.find(({ type }) => type === "public")?.ip_address,
    address6: v6.find(({ type }) => type === "public")?.ip_address,
    dialsFrom: addresses.length === 0 ? undefined : addresses,
    size: droplet.size_slug,
    region: droplet.region.slug,
    createdAt: Date.parse(droplet.created_at),
    log: `the console of the Droplet ${droplet.id} at ${TITLE}`,
  };
}

const statuses: Readonly<Record<string, Vps["status"]>> = { active: "active", off: "off", archive: "off" };

export const sizeOf = ({ slug, vcpus, memory, disk, price_monthly, regions }: z.output<typeof Size>): VpsSize => ({
  name: slug,
  vcpus,
  memoryMb: memory,
  diskGb: disk,
  regions,
  // Prices are in US dollars: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Sizes
  monthlyCents: Math.round(price_monthly * 100),
  currency: "USD",
});

const Refusal = z.object({ id: z.string(), message: z.string() });

/** Its codes say no more than its statuses do: `unprocessable_entity` is all that cannot be done. */
export function judge({ body }: VendorRefusal): Verdict {
  const { data } = Refusal.safeParse(body);
  return data === undefined ? {} : { reason: data.message, vendorCode: data.id };
}
