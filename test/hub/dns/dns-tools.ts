import type { DnsTools } from "#hub/dns/dns.ts";
import { createAuthority, type OpenResolver, openSystemResolver } from "#hub/dns/zone/authority.ts";

/** What a backend is opened with in tests: its pauses take no time. */
export const dnsTools = (endpoint?: string, openResolver: OpenResolver = openSystemResolver): DnsTools => ({
  endpoint,
  now: Date.now,
  sleep: async () => undefined,
  authority: createAuthority(openResolver),
});
