import type { OpenResolver } from "#hub/dns/zone/authority.ts";
import { type RealPdns, startPdns } from "#test/real-pdns.ts";
import { resolverAt } from "./resolver-at.ts";

/** Real name servers of one zone, each at port 53 of its own address as far as those who ask can tell. */
export interface NameServers {
  readonly zone: string;
  readonly first: RealPdns;
  readonly all: readonly RealPdns[];
  /** Where each really is, `address:port`, by its address. */
  readonly places: Readonly<Record<string, string>>;
  readonly openResolver: OpenResolver;
  stop(): Promise<void>;
}

/** @param addresses One on loopback for each name server, which are called `ns1`, `ns2`, … in the zone. */
export async function startNameServers(
  zone: string,
  addresses: readonly string[] = ["127.0.0.1", "127.0.0.2"],
): Promise<NameServers> {
  const all = await Promise.all(addresses.map(startPdns));
  const [first] = all;
  if (first === undefined) throw new Error("a zone has a name server");
  const hosts = Object.fromEntries(addresses.map((address, index) => [`ns${index + 1}.${zone}`, address]));
  for (const server of all) await server.addZone(zone, hosts);
  const places = Object.fromEntries(all.map(({ dns }) => [dns.split(":")[0] ?? "", dns]));
  return {
    zone,
    first,
    all,
    places,
    openResolver: resolverAt(places),
    stop: async () => {
      await Promise.all(all.map((server) => server.stop()));
    },
  };
}
