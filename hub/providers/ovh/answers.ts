import { z } from "zod";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsRegion, VpsSize } from "../provider.ts";
import { labelsIn } from "../vendor/labels-in-name.ts";

export const TITLE = "OVHcloud";

/** Of Nova below it: 31 of them, and more may come. */
const Status = z.string();
export const Instance = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string(),
  status: Status,
  created: z.string(),
  ipAddresses: z.array(z.object({ ip: z.string(), type: z.string(), version: z.number() })),
});

export const Listed = Instance.extend({ flavorId: z.string() });
export const Flavor = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string(),
  vcpus: z.number(),
  /** MB. */
  ram: z.number(),
  /** GB. */
  disk: z.number(),
  osType: z.string(),
  available: z.boolean(),
  /** How many of it the project may still have. */
  quota: z.number(),
});
export type Flavor = z.output<typeof Flavor>;
export const Detail = Instance.extend({ flavor: Flavor.pick({ id: true, name: true, disk: true }) });
export type Detail = z.output<typeof Detail>;
export const Image = z.object({ id: z.string(), name: z.string(), status: z.string() });
export const Region = z.object({ name: z.string(), datacenterLocation: z.string(), countryCode: z.string() });

/** States in which there is an instance no more, whatever lists say. */
const gone = ["DELETING", "DELETED", "SOFT_DELETED"];
const off = ["SHUTOFF", "STOPPED", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED"];

/** Nothing is under way on it. */
export const isAtRest = ({ status }: Pick<Detail, "status">) =>
  ["ACTIVE", "SHUTOFF", "STOPPED", "ERROR"].includes(status);

/** `undefined` of an instance that is not ours, or as good as gone. */
export function vpsOf(instance: z.output<typeof Instance>, size: string | undefined): Vps | undefined {
  const labels = labelsIn(instance.name);
  if (labels === undefined || gone.includes(instance.status)) return undefined;
  const open = instance.ipAddresses.filter(({ type }) => type === "public");
  return {
    id: instance.id,
    labels,
    status: instance.status === "ACTIVE" ? "active" : off.includes(instance.status) ? "off" : "starting",
    address: open.find(({ version }) => version === 4)?.ip,
    address6: open.find(({ version }) => version === 6)?.ip,
    size,
    region: instance.region,
    createdAt: Date.parse(instance.created),
    dialsFrom: open.length === 0 ? undefined : open.map(({ ip }) => ip),
    log: `the page of the instance ${instance.id} at ${TITLE}, where it is ${instance.status}`,
  };
}

/** Flavours have ids of their own in each region, and one name. */
export function sizesOf(flavors: readonly Flavor[]): VpsSize[] {
  const linux = flavors.filter(({ osType }) => osType === "linux");
  const byName = Map.groupBy(linux, ({ name }) => name);
  return [...byName].flatMap(([name, [first, ...others]]) => {
    if (first === undefined) return [];
    const regions = [first, ...others].filter(({ available }) => available).map(({ region }) => region);
    return [{ name, vcpus: first.vcpus, memoryMb: first.ram, diskGb: first.disk, regions }];
  });
}

export function regionOf({ name, datacenterLocation, countryCode }: z.output<typeof Region>): VpsRegion {
  const country = countryCode.toUpperCase();
  return { name, title: datacenterLocation, country: country === "UK" ? "GB" : country };
}

const Refusal = z.object({ message: z.string(), class: z.string().optional(), errorCode: z.string().optional() });

/** Errors of who asks, told with 400: https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api */
const aboutCredentials = [
  "INVALID_SIGNATURE",
  "INVALID_CREDENTIAL",
  "INVALID_KEY",
  "NOT_CREDENTIAL",
  "NOT_GRANTED_CALL",
];

export function judge({ status, body }: VendorRefusal): Verdict {
  const { data } = Refusal.safeParse(body);
  if (data === undefined) return {};
  const vendorCode = data.errorCode ?? data.class;
  const code = aboutCredentials.includes(data.errorCode ?? "")
    ? "provider_credentials"
    : data.errorCode === OUT_OF_TIME
      ? "provider_unavailable"
      : // Something is under way on the instance, and nothing else was begun.
        status === 409
        ? "conflict"
        : undefined;
  return { code, reason: data.message, vendorCode };
}

/** The request was signed with another time than the vendor's. */
export const OUT_OF_TIME = "QUERY_TIME_OUT";
