import { describe, expect, test } from "vitest";
import type { Dns } from "#hub/dns/dns.ts";

export interface DnsUnderTest {
  readonly dns: Dns;
  /** A domain in the zone that it serves, which nobody uses. */
  readonly domain: string;
  readonly addresses: readonly string[];
  /** A domain that lies outside of its zone. */
  readonly foreign: string;
}

/** What every DNS backend promises (`hub/dns/dns.ts`). */
export function dnsContract(title: string, make: () => Promise<DnsUnderTest>) {
  describe(`the DNS backend ${title}`, () => {
    test("makes a domain lead to an address, as often as it is asked", async () => {
      const { dns, domain, addresses } = await make();
      await dns.ensure(domain, addresses);
      await dns.ensure(domain, addresses);
      await dns.verify(domain, addresses);
      await dns.remove(domain);
    });

    test("removes a domain twice without a word", async () => {
      const { dns, domain, addresses } = await make();
      await dns.ensure(domain, addresses);
      await dns.remove(domain);
      await dns.remove(domain);
    });

    test("refuses a domain that is not its own", async () => {
      const { dns, foreign, addresses } = await make();
      await expect(dns.ensure(foreign, addresses)).rejects.toMatchObject({ code: "provider_refused" });
      await expect(dns.verify(foreign, addresses)).rejects.toMatchObject({ code: "provider_refused" });
    });
  });
}
