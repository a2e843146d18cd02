import { Resolver } from "node:dns/promises";
import type { OpenResolver } from "#hub/dns/zone/authority.ts";

/** Asks name servers where they really are: `places` has an `address:port` for each address. */
export const resolverAt =
  (places: Readonly<Record<string, string>>): OpenResolver =>
  (servers = ["127.0.0.1"]) => {
    const resolver = new Resolver({ timeout: 500, tries: 2 });
    resolver.setServers(servers.map((ip) => places[ip] ?? ip));
    return resolver;
  };
