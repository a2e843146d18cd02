import type { Description } from "./contract.ts";
import type { SimulatedEvent, SimulatedLinode } from "./linode.ts";

const type = (id: string, vcpus: number, gb: number, diskGb: number, monthly: number) => ({
  ...{ id, label: `Linode ${gb} GB`, class: "standard", vcpus, memory: gb * 1024, disk: diskGb * 1024, gpus: 0 },
  ...{ network_out: 4000, transfer: 4000, successor: null, price: { hourly: monthly / 672, monthly } },
  region_prices: [{ id: "br-gru", hourly: (monthly * 1.4) / 672, monthly: Math.round(monthly * 140) / 100 }],
  addons: { backups: { price: { hourly: 0.01, monthly: 5 }, region_prices: [] } },
});
export const types = [
  type("g6-nanode-1", 1, 1, 25, 5),
  type("g6-standard-2", 2, 4, 80, 24),
  type("g6-standard-4", 4, 8, 160, 48),
  type("g6-standard-6", 6, 16, 320, 96),
];

const region = (id: string, label: string, country: string, capabilities: readonly string[]) => ({
  ...{ id, label, country, capabilities, status: "ok", "site-type": "core" },
  resolvers: { ipv4: "192.0.2.1", ipv6: "2001:db8::53" },
  placement_group_limits: { maximum_pgs_per_customer: 100, maximum_linodes_per_pg: 5 },
});
export const regions = [
  region("de-fra-2", "Frankfurt 2, DE", "de", ["Linodes", "Metadata", "Cloud Firewall"]),
  region("br-gru", "São Paulo, BR", "br", ["Linodes", "Metadata"]),
  region("us-iad-17", "Only boxes", "us", ["Object Storage"]),
];

/** Without a zone, as Linode gives them. */
const time = (ms: number) => new Date(ms).toISOString().slice(0, 19);

/** Of a network for documentation (RFC 5737). */
export const addressOf = (id: number) => `192.0.2.${id % 250}`;

export function linodeOf({ id, label, status, tags, userData, ...linode }: SimulatedLinode, address: string) {
  const kind = types.find((one) => one.id === linode.type);
  return {
    ...{ id, label, status, tags, type: linode.type, region: linode.region, image: "linode/debian12", group: "" },
    ...{ created: time(linode.createdAt), updated: time(linode.createdAt), hypervisor: "kvm", watchdog_enabled: true },
    ...{ ipv4: [address], ipv6: `2001:db8:2::${(id % 60_000).toString(16)}/128` },
    specs: { disk: kind?.disk, memory: kind?.memory, vcpus: kind?.vcpus, gpus: 0, transfer: 4000 },
    alerts: { cpu: 180, io: 10_000, network_in: 10, network_out: 10, transfer_quota: 80 },
    backups: { enabled: false, available: false, schedule: { day: null, window: null } },
    ...{ has_user_data: userData !== "", host_uuid: "3a3ddd59d9a78bb8de041391075df44de62bfec8" },
  };
}

export const eventOf = ({ id, action, linode, startedAt, status }: SimulatedEvent) => ({
  ...{ id, action, status, created: time(startedAt), percent_complete: status === "finished" ? 100 : 20 },
  entity: { id: linode, type: "linode", label: `linode${linode}`, url: `/v4/linode/instances/${linode}` },
  ...{ username: "op", read: false, seen: false, message: "", time_remaining: null },
});

/**
 * What the description has wrong. Times have no zone, in its own examples too; ids of hosts have no hyphens; the filter in a header is a
 * JSON text; and a part of a whole may not forbid what the other parts have.
 */
export function mendDescription(description: Description): void {
  const mend = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    if ("format" in part && (part.format === "date-time" || part.format === "uuid")) delete part.format;
    if ("name" in part && part.name === "X-Filter" && "schema" in part) part.schema = { type: "string" };
    if ("allOf" in part && Array.isArray(part.allOf)) {
      for (const one of part.allOf) delete one.additionalProperties;
      Object.assign(part, { unevaluatedProperties: false });
    }
    for (const inner of Object.values(part)) mend(inner);
  };
  mend(description);
}
