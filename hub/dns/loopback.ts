import { BlockList, isIPv6 } from "node:net";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { defineDns } from "./dns.ts";

/**
 * The backend of the zone `localhost`, which needs no records: every name under it leads to the machine that asks
 * (RFC 6761 section 6.3, https://www.rfc-editor.org/rfc/rfc6761#section-6.3).
 */
export const loopbackDns = defineDns({
  name: "loopback",
  title: "Names under localhost",
  Credentials: z.strictObject({}),
  secrets: [],
  open: () => {
    const loopback = new BlockList();
    loopback.addSubnet("127.0.0.0", 8, "ipv4");
    loopback.addAddress("::1", "ipv6");

    const check = (domain: string, addresses: readonly string[]) => {
      if (!domain.endsWith(".localhost")) {
        throw new Problem("provider_refused", `${domain} does not lie under localhost`, {
          hint: "Configure a DNS backend that serves its zone, or use the zone localhost.",
        });
      }
      const elsewhere = addresses.filter((address) => !loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4"));
      if (elsewhere.length === 0) return;
      throw new Problem("provider_refused", `${domain} leads to this machine, never to ${elsewhere.join(", ")}`, {
        hint: "The zone localhost serves beacons of the provider local only.",
      });
    };

    return {
      name: "loopback",
      title: "Names under localhost",
      ensure: async (domain, addresses) => check(domain, addresses),
      verify: async (domain, addresses) => check(domain, addresses),
      remove: async () => undefined,
      list: async () => [],
    };
  },
});
