import { Resolver } from "node:dns/promises";

/** Addresses of a host name, IPv4 and IPv6, sorted; empty when it has none, undefined when nobody could say. */
export type LookUpAddresses = (host: string) => Promise<string[] | undefined>;

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/** Answers that say that there is nothing: https://nodejs.org/api/dns.html#error-codes */
const nothing: ReadonlySet<unknown> = new Set(["ENODATA", "ENOTFOUND"]);

/** Asks the servers (`address:port`), or those of the system, and never the system's hosts file: no visitor has that. */
export function createLookUp(servers?: readonly string[]): LookUpAddresses {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  const orNothing = (error: unknown): string[] => {
    if (error instanceof Error && "code" in error && nothing.has(error.code)) return [];
    throw error;
  };
  return async (host) => {
    try {
      const found = await Promise.all([
        resolver.resolve4(host).catch(orNothing),
        resolver.resolve6(host).catch(orNothing),
      ]);
      return found.flat().sort();
    } catch {
      return undefined;
    }
  };
}
