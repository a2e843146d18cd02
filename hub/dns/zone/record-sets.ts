import { isIPv4, isIPv6, SocketAddress } from "node:net";
import type { ServedDomain } from "../dns.ts";

/** Types of the records that lead to addresses. */
export const addressTypes = ["A", "AAAA"] as const;
export type AddressType = (typeof addressTypes)[number];

/** How long resolvers may keep an answer: a beacon that moves is found again in minutes. */
export const TTL_SECONDS = 300;

/** All records of one name and type (RFC 2181 section 5). */
export interface RecordSet {
  /** Lower case, without the dot at its end. */
  readonly name: string;
  readonly type: AddressType;
  /** Addresses, as `canonicalAddress` writes them. */
  readonly values: readonly string[];
}

/** What has to become of one record set; `had` is what the zone has there, in the words of its backend. */
export interface RecordSetChange<Seen extends RecordSet> {
  readonly name: string;
  readonly type: AddressType;
  readonly had: Seen | undefined;
  /** Empty when the set has to go. */
  readonly want: readonly string[];
}

/** The two names of a beacon: its own, and all below it. */
export const namesOf = (domain: string): readonly [string, string] => [domain, `*.${domain}`];

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** @returns the domains right below `base` of which both names lead to the same addresses, by their names. Pure. */
export function domainsIn(base: string, sets: readonly RecordSet[]): ServedDomain[] {
  const leads = new Map<string, string[]>();
  for (const { name, values } of sets) leads.set(name, [...(leads.get(name) ?? []), ...values].sort());
  return [...leads]
    .filter(([name, addresses]) => {
      const isBelow = name.endsWith(`.${base}`) && LABEL.test(name.slice(0, -base.length - 1));
      return isBelow && sameValues(addresses, leads.get(`*.${name}`) ?? []);
    })
    .map(([domain, addresses]) => ({ domain, addresses }))
    .sort((one, other) => (one.domain < other.domain ? -1 : 1));
}

/** One spelling for each address: `2001:DB8:0::1` and `2001:db8::1` are the same. */
export const canonicalAddress = (address: string): string =>
  isIPv6(address) ? new SocketAddress({ address, family: "ipv6" }).address : address;

/** @returns what makes both names of `domain` lead to `addresses`, where the zone has `seen`; empty when they do. Pure. */
export function planRecordSets<Seen extends RecordSet>(
  domain: string,
  addresses: readonly string[],
  seen: readonly Seen[],
): RecordSetChange<Seen>[] {
  const wanted = { A: addresses.filter((one) => isIPv4(one)), AAAA: addresses.filter((one) => isIPv6(one)) };
  return namesOf(domain)
    .flatMap((name) => addressTypes.map((type) => ({ name, type })))
    .map(({ name, type }) => ({
      name,
      type,
      had: seen.find((set) => set.name === name && set.type === type),
      want: [...new Set(wanted[type].map(canonicalAddress))].sort(),
    }))
    .filter(({ had, want }) => !sameValues(had?.values ?? [], want));
}

const sameValues = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((value) => others.includes(value));
