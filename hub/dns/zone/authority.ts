import { Resolver } from "node:dns/promises";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { addressTypes, canonicalAddress, planRecordSets, type RecordSet } from "./record-sets.ts";

/** Something that can be asked for records; `servers` are IP addresses, the system's own resolvers when absent. */
export type OpenResolver = (servers?: readonly string[]) => Pick<Resolver, "resolve4" | "resolve6" | "resolveNs">;

/** Stands for all names below a domain when a wildcard is asked for: a resolver asked for `*` itself need not expand it. */
const PROBE = "wopr-verify";

export interface Authority {
  /**
   * Asks each name server of `zone` by itself, past every cache, where `domain` and the names below it lead.
   * @throws {Problem} `dns_not_ready` that says which server answers what, or that none answers
   */
  verify(zone: string, domain: string, addresses: readonly string[]): Promise<void>;
}

export function createAuthority(openResolver: OpenResolver): Authority {
  return {
    verify: async (zone, domain, addresses) => {
      const servers = await nameServersOf(openResolver(), zone);
      const answers = await Promise.all(
        servers.map(async ({ host, ips }) => ({ host, sets: await ask(openResolver, ips, domain) })),
      );
      const heard = answers.flatMap(({ host, sets }) => (sets === undefined ? [] : [{ host, sets }]));
      if (heard.length === 0) {
        throw notReady(`none of the name servers of ${zone} answers`, { servers: servers.map(({ host }) => host) });
      }
      // A server that is away keeps nobody from being led by the others.
      const late = heard.find(({ sets }) => planRecordSets(domain, addresses, sets).length > 0);
      if (late === undefined) return;
      const says = late.sets.flatMap(({ name, values }) => values.map((value) => `${name} → ${value}`));
      throw notReady(`the name server ${late.host} does not lead ${domain} to ${addresses.join(", ")} yet`, {
        server: late.host,
        answers: says,
      });
    },
  };
}

async function nameServersOf(resolver: ReturnType<OpenResolver>, zone: string) {
  const hosts = await answersOr(() => resolver.resolveNs(zone));
  if (hosts === undefined || hosts.length === 0) {
    throw notReady(`nobody knows the name servers of ${zone}`, { zone });
  }
  return Promise.all(
    hosts.sort().map(async (host) => {
      const found = await Promise.all([
        answersOr(() => resolver.resolve4(host)),
        answersOr(() => resolver.resolve6(host)),
      ]);
      return { host, ips: found.flatMap((ips) => ips ?? []) };
    }),
  );
}

/** @returns what one server has for the names of `domain`; `undefined` when it does not answer */
async function ask(
  openResolver: OpenResolver,
  ips: readonly string[],
  domain: string,
): Promise<RecordSet[] | undefined> {
  if (ips.length === 0) return undefined;
  const resolver = openResolver(ips);
  const sets: RecordSet[] = [];
  for (const [name, asked] of [
    [domain, domain],
    [`*.${domain}`, `${PROBE}.${domain}`],
  ] as const) {
    for (const type of addressTypes) {
      const values = await answersOr(() => (type === "A" ? resolver.resolve4(asked) : resolver.resolve6(asked)));
      if (values === undefined) return undefined;
      sets.push({ name, type, values: values.map(canonicalAddress) });
    }
  }
  return sets;
}

const DnsError = z.object({ code: z.string() });

/** That there is no such name or record is an answer too: https://nodejs.org/api/dns.html#error-codes */
const emptyCodes = ["ENODATA", "ENOTFOUND"];

/** @returns `undefined` when there was no answer */
const answersOr = (question: () => Promise<string[]>): Promise<string[] | undefined> =>
  question().catch((error: unknown) => {
    const { code } = DnsError.parse(error);
    return emptyCodes.includes(code) ? [] : undefined;
  });

const notReady = (message: string, details: Record<string, unknown>) =>
  new Problem("dns_not_ready", message, {
    hint: "A change takes a moment to reach every name server. It is asked again.",
    details,
  });

const TIMEOUT_MS = 3_000;

/** Resolvers of Node, which ask over the network. */
export const openSystemResolver: OpenResolver = (servers) => {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return resolver;
};
