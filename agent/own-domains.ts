import { z } from "zod";
import type { Elsewhere } from "#shared/certificates.ts";
import type { LookUpAddresses } from "./dns.ts";
import type { Settings } from "./store/settings.ts";

/**
 * Host names that do not belong to the beacon's domain. Each has to lead here before a certificate is asked for: an
 * authority that cannot reach the beacon under a name refuses it, and after a few times refuses everything
 * (https://letsencrypt.org/docs/rate-limits/#authorization-failures-per-hostname-per-account).
 */
export interface OwnDomains {
  /** Looks up names that are new, with `again` also those that led elsewhere; forgets all that are not named. */
  check(hosts: readonly string[], again?: "again"): Promise<void>;
  /** Where a name leads that does not lead here; undefined for one that does. */
  elsewhere(host: string): Elsewhere | undefined;
  /** Whether any name is still to be looked up again. */
  isWaiting(): boolean;
}

export interface OwnDomainsOptions {
  /**
   * The beacon's. What it resolves to is where the beacon is reached, also behind an address translation that the beacon
   * itself cannot see.
   */
  readonly domain: string;
  readonly lookUp: LookUpAddresses;
  readonly settings: Settings;
}

/** Names that led here once keep their certificates: a resolver that is away must not take them from anybody. */
const SETTING = "domains_here";

export function createOwnDomains({ domain, lookUp, settings }: OwnDomainsOptions): OwnDomains {
  let here = new Set(settings.get(SETTING, z.array(z.string())) ?? []);
  let others = new Map<string, Elsewhere>();

  const isOwn = (host: string) => host !== domain && !host.endsWith(`.${domain}`);

  function keepHere(hosts: Iterable<string>): void {
    const next = new Set(hosts);
    if (next.symmetricDifference(here).size === 0) return;
    here = next;
    settings.put(SETTING, [...here].sort());
  }

  return {
    check: async (hosts, again) => {
      const listed = new Set(hosts.filter(isOwn));
      keepHere(here.intersection(listed));
      others = new Map([...others].filter(([host]) => listed.has(host)));
      const asked = [...listed].filter((host) => !here.has(host) && (again === "again" || !others.has(host)));
      if (asked.length === 0) return;
      const expected = (await lookUp(domain)) ?? [];
      const answers = await Promise.all(asked.map(async (host) => ({ host, found: await lookUp(host) })));
      for (const { host, found } of answers) {
        if (leadsTo(expected, found)) others.delete(host);
        else others.set(host, { expected, ...(found === undefined ? {} : { found }) });
      }
      keepHere([...here, ...asked.filter((host) => !others.has(host))]);
    },
    elsewhere: (host) => (isOwn(host) && !here.has(host) ? (others.get(host) ?? { expected: [] }) : undefined),
    isWaiting: () => others.size > 0,
  };
}

/** All of them: an authority may try any. */
const leadsTo = (expected: readonly string[], found: readonly string[] | undefined) =>
  found !== undefined && found.length > 0 && found.every((address) => expected.includes(address));
