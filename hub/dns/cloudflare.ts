import { z } from "zod";
import { createVendorHttp, Ignored, type VendorRefusal } from "../vendor-http.ts";
import { defineDns } from "./dns.ts";
import {
  addressTypes,
  canonicalAddress,
  type RecordSet,
  type RecordSetChange,
  TTL_SECONDS,
} from "./zone/record-sets.ts";
import { zoneDns } from "./zone/zone-dns.ts";

const title = "Cloudflare";
/** Stands at each record that is made here, for people and for `all`. */
const COMMENT = "Kept by WOPR";
const PAGE = 1000;

const Zones = z.object({ result: z.array(z.object({ id: z.string(), name: z.string() })) });
const Records = z.object({
  result: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.string(),
      content: z.string().default(""),
      proxied: z.boolean().default(false),
      comment: z.string().nullish(),
    }),
  ),
});
const Refusal = z.object({ errors: z.array(z.object({ code: z.number(), message: z.string() })).min(1) });

/** A record set in which each value is a record of its own. */
interface Seen extends RecordSet {
  readonly records: readonly { readonly id: string; readonly value: string }[];
}

/**
 * https://developers.cloudflare.com/api/resources/dns/subresources/records/
 * Each record is made, changed and deleted by itself: what is new comes first, so that a change which is cut short leaves no name
 * without an address. 1,200 requests in five minutes: https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
export const cloudflareDns = defineDns({
  name: "cloudflare",
  title,
  Credentials: z.strictObject({
    /** With the permissions Zone:Read and DNS:Edit for the zone. */
    apiToken: z.string().min(1),
  }),
  secrets: ["apiToken"],
  open: ({ apiToken }, { authority, endpoint = "https://api.cloudflare.com/client/v4", ...tools }) => {
    const http = createVendorHttp({
      title,
      endpoint,
      headers: () => ({ authorization: `Bearer ${apiToken}` }),
      secrets: [apiToken],
      judge,
      ...tools,
    });
    return zoneDns<Seen>({
      name: "cloudflare",
      title,
      authority,
      findZone: async (name) => {
        const { result } = await http.ask(Zones, { method: "GET", path: "/zones", query: { name } });
        const zone = result.find((one) => one.name === name);
        if (zone === undefined) return undefined;
        const path = `/zones/${zone.id}/dns_records`;
        const change = async ({ name: changed, type, had, want }: RecordSetChange<Seen>) => {
          const missing = want.filter((value) => !had?.values.includes(value));
          const extra = (had?.records ?? []).filter(({ value }) => !want.includes(value));
          const [replaced, surplus] = [extra.slice(0, missing.length), extra.slice(missing.length)];
          for (const [index, content] of missing.entries()) {
            const body = { type, name: changed, content, ttl: TTL_SECONDS, proxied: false, comment: COMMENT };
            const id = replaced[index]?.id;
            if (id === undefined) await http.ask(Ignored, { method: "POST", path, body });
            else await http.ask(Ignored, { method: "PUT", path: `${path}/${id}`, body });
          }
          for (const { id } of surplus) await http.find(Ignored, { method: "DELETE", path: `${path}/${id}` });
        };
        const from = async (page: number): Promise<z.output<typeof Records>["result"]> => {
          const query = { page, per_page: PAGE, order: "name" };
          const { result: present } = await http.ask(Records, { method: "GET", path, query });
          return present.length < PAGE ? present : [...present, ...(await from(page + 1))];
        };
        return {
          name,
          read: async (names) => {
            const all = await Promise.all(
              names.map((one) => http.ask(Records, { method: "GET", path, query: { name: one } })),
            );
            return names.flatMap((one, index) => recordSetsOf(one, all[index]?.result ?? []));
          },
          all: async () => {
            const records = (await from(1)).filter(({ comment }) => comment === COMMENT);
            return [...Map.groupBy(records, (record) => record.name)].flatMap(([one, own]) => recordSetsOf(one, own));
          },
          apply: async (changes) => {
            for (const one of changes) await change(one);
          },
        };
      },
    });
  },
});

const recordSetsOf = (name: string, records: z.output<typeof Records>["result"]): Seen[] =>
  addressTypes.flatMap((type) => {
    const own = records
      .filter((record) => record.name === name && record.type === type)
      // A proxied record leads to Cloudflare, wherever it says that it leads.
      .map(({ id, content, proxied }) => ({ id, value: proxied ? `${content}, proxied` : canonicalAddress(content) }));
    return own.length === 0 ? [] : [{ name, type, values: own.map(({ value }) => value), records: own }];
  });

/** "Invalid request headers": a token that has not even the form of one, answered with 400. https://github.com/libdns/cloudflare/issues/12 */
const NO_TOKEN = 6003;

function judge({ body }: VendorRefusal) {
  const first = Refusal.safeParse(body).data?.errors[0];
  if (first === undefined) return {};
  return {
    reason: first.message,
    vendorCode: String(first.code),
    ...(first.code === NO_TOKEN ? { code: "provider_credentials" as const } : {}),
  };
}
