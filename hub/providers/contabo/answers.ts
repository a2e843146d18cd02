import { z } from "zod";
import type { ProblemCode } from "#shared/problem.ts";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsRegion, VpsSize } from "../provider.ts";
import { labelsIn } from "../vendor/labels-in-name.ts";

export const TITLE = "Contabo";

/** Everything comes as a list, one thing too. */
export const dataOf = <Item extends z.ZodType>(item: Item) => z.object({ data: z.array(item) });
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  dataOf(item).extend({ _pagination: z.object({ totalPages: z.number() }) });

const Address = z.object({ ip: z.string().nullish() }).nullish();
/** What an order is answered; its name is not in it. */
export const Ordered = z.object({
  instanceId: z.number(),
  productId: z.string(),
  region: z.string(),
  status: z.string(),
  createdDate: z.string(),
});
export const Instance = Ordered.extend({
  displayName: z.string(),
  /** The day on which it ends; empty while it is not cancelled. */
  cancelDate: z.string().nullish(),
  ipConfig: z.object({ v4: Address, v6: Address }).nullish(),
});
export type Instance = z.output<typeof Instance>;
export const Image = z.object({ imageId: z.string(), name: z.string() });
export const DataCenter = z.object({
  regionSlug: z.string(),
  regionName: z.string(),
  capabilities: z.array(z.string()),
});

/** What was ordered and cannot be delivered. */
export const UNAVAILABLE = "product_not_available";

/** `undefined` of an instance that is not ours, or not any more. */
export function vpsOf(instance: Instance): Vps | undefined {
  const labels = labelsIn(instance.displayName);
  if (labels === undefined) return undefined;
  const { instanceId, status, productId, region, ipConfig } = instance;
  const address = ipConfig?.v4?.ip || undefined;
  const address6 = ipConfig?.v6?.ip || undefined;
  const dialsFrom = [address, address6].filter((ip) => ip !== undefined);
  return {
    id: String(instanceId),
    labels,
    status: status === "running" ? "active" : status === "stopped" ? "off" : "starting",
    address,
    address6,
    size: productId,
    region,
    createdAt: Date.parse(instance.createdDate),
    dialsFrom: address === undefined ? undefined : dialsFrom,
    log: `the page of the VPS ${instanceId} at ${TITLE}, where it is ${status}`,
  };
}

/**
 * What can be ordered; no endpoint tells. Products and disks: the operation `createInstance` at https://api.contabo.com. Processors and
 * memory: https://contabo.com/en/vps/, unverified since the products were renamed; the answer to an order tells what one really has.
 */
export const sizes: readonly VpsSize[] = [
  { name: "V91", vcpus: 4, memoryMb: 8192, diskGb: 75 },
  { name: "V94", vcpus: 6, memoryMb: 12_288, diskGb: 100 },
  { name: "V97", vcpus: 8, memoryMb: 24_576, diskGb: 200 },
];

export function regionsOf(centers: readonly z.output<typeof DataCenter>[]): VpsRegion[] {
  const renting = centers.filter(({ capabilities }) => capabilities.includes("VPS"));
  return [...Map.groupBy(renting, ({ regionSlug }) => regionSlug)].map(([name, [center]]) => ({
    name,
    title: center?.regionName ?? name,
  }));
}

/** The list of its statuses: https://api.contabo.com/#section/Introduction/Responses */
const codes: Readonly<Record<number, ProblemCode>> = {
  402: "provider_quota",
  // Something is under way on the instance, or it is so already.
  409: "conflict",
};

const Refusal = z.object({ message: z.string() });

export function judge({ status, body }: VendorRefusal): Verdict {
  return { code: codes[status], reason: Refusal.safeParse(body).data?.message };
}
