import { z } from "zod";
import { createVendorHttp, Ignored, type VendorRefusal } from "../vendor-http.ts";
import { defineDns } from "./dns.ts";
import { addressTypes, canonicalAddress, type RecordSet, TTL_SECONDS } from "./zone/record-sets.ts";
import { zoneDns } from "./zone/zone-dns.ts";

const title = "PowerDNS";

const Zones = z.array(z.object({ id: z.string(), name: z.string() }));
const Records = z.array(z.object({ content: z.string(), disabled: z.boolean().default(false) }));
const ZoneBody = z.object({ rrsets: z.array(z.object({ name: z.string(), type: z.string(), records: Records })) });
const Refusal = z.object({ error: z.string() });

/**
 * An authoritative server of one's own. https://doc.powerdns.com/authoritative/http-api/zone.html
 * A change is one transaction over all record sets, and the same again changes nothing.
 */
export const powerdnsDns = defineDns({
  name: "powerdns",
  title,
  Credentials: z.strictObject({
    /** Of its web server, for example `http://10.0.0.53:8081`. */
    url: z.url({ protocol: /^https?$/ }),
    apiKey: z.string().min(1),
    /** `localhost` is the server itself; another one only behind a proxy of many. */
    server: z.string().min(1).default("localhost"),
  }),
  secrets: ["apiKey"],
  open: ({ url, apiKey, server }, { authority, endpoint = new URL(url).origin, ...tools }) => {
    const http = createVendorHttp({
      title,
      endpoint: `${endpoint}/api/v1/servers/${encodeURIComponent(server)}`,
      headers: () => ({ "x-api-key": apiKey }),
      secrets: [apiKey],
      judge,
      ...tools,
    });
    return zoneDns({
      name: "powerdns",
      title,
      authority,
      findZone: async (name) => {
        const zones = await http.ask(Zones, { method: "GET", path: "/zones", query: { zone: absolute(name) } });
        const zone = zones.find((one) => one.name === absolute(name));
        if (zone === undefined) return undefined;
        const path = `/zones/${encodeURIComponent(zone.id)}`;
        return {
          name,
          read: async (names) => {
            const bodies = await Promise.all(
              names.map((one) => http.ask(ZoneBody, { method: "GET", path, query: { rrset_name: absolute(one) } })),
            );
            // A server that does not know the parameter gives the whole zone each time.
            return names.flatMap((one, index) => recordSetsOf(one, bodies[index]?.rrsets ?? []));
          },
          all: async () => {
            const { rrsets } = await http.ask(ZoneBody, { method: "GET", path });
            const byName = Map.groupBy(rrsets, (set) => set.name.replace(/\.$/, ""));
            return [...byName].flatMap(([one, sets]) => recordSetsOf(one, sets));
          },
          apply: async (changes) => {
            const rrsets = changes.map(({ name: changed, type, want }) => ({
              name: absolute(changed),
              type,
              ttl: TTL_SECONDS,
              changetype: want.length === 0 ? "DELETE" : "REPLACE",
              records: want.map((content) => ({ content, disabled: false })),
            }));
            await http.ask(Ignored, { method: "PATCH", path, body: { rrsets }, repeatable: true });
          },
        };
      },
    });
  },
});

/** With the dot of the root, as PowerDNS has all names. */
const absolute = (name: string) => `${name}.`;

const recordSetsOf = (name: string, sets: z.output<typeof ZoneBody>["rrsets"]): RecordSet[] =>
  addressTypes.flatMap((type) =>
    sets
      .filter((set) => set.name === absolute(name) && set.type === type)
      .map(({ records }) => ({
        name,
        type,
        values: records.filter(({ disabled }) => !disabled).map(({ content }) => canonicalAddress(content)),
      })),
  );

const judge = ({ body }: VendorRefusal) => ({ reason: Refusal.safeParse(body).data?.error });
