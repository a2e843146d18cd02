import { Problem } from "#shared/problem.ts";
import type { Dns } from "../dns.ts";
import type { Authority } from "./authority.ts";
import { domainsIn, namesOf, planRecordSets, type RecordSet, type RecordSetChange } from "./record-sets.ts";

/** A zone in the hands of a vendor. */
export interface Zone<Seen extends RecordSet> {
  readonly name: string;
  /** The record sets of type A and AAAA at these names, and at no others. */
  read(names: readonly string[]): Promise<Seen[]>;
  /** Those at all names, as far as they carry the mark of the backend, where it has one. */
  all(): Promise<Seen[]>;
  /** Killed in between, or heard of by nobody, it is planned and applied again from what is there then. */
  apply(changes: readonly RecordSetChange<Seen>[]): Promise<void>;
}

export interface ZoneDnsParts<Seen extends RecordSet> {
  readonly name: string;
  readonly title: string;
  /** The zone of exactly this name, where the credentials reach it. */
  readonly findZone: (name: string) => Promise<Zone<Seen> | undefined>;
  readonly authority: Authority;
}

/** A backend over an API of zones and records: it looks, plans and changes what differs. */
export function zoneDns<Seen extends RecordSet>({ name, title, findZone, authority }: ZoneDnsParts<Seen>): Dns {
  const zoneOf = async (domain: string): Promise<Zone<Seen>> => {
    for (const candidate of ancestorsOf(domain)) {
      const zone = await findZone(candidate);
      if (zone !== undefined) return zone;
    }
    throw new Problem("provider_refused", `${domain} lies in no zone that these credentials of ${title} reach`, {
      hint: "Create the zone there, or use credentials that may change it.",
      details: { looked: ancestorsOf(domain) },
    });
  };
  const settle = async (domain: string, addresses: readonly string[]) => {
    const zone = await zoneOf(domain);
    const changes = planRecordSets(domain, addresses, await zone.read(namesOf(domain)));
    if (changes.length > 0) await zone.apply(changes);
  };
  return {
    name,
    title,
    ensure: settle,
    verify: async (domain, addresses) => authority.verify((await zoneOf(domain)).name, domain, addresses),
    remove: (domain) => settle(domain, []),
    list: async (base) => domainsIn(base, await (await zoneOf(`any.${base}`)).all()),
  };
}

/** Names of the zones that `domain` may lie in, the closest first; no top-level domain unless it lies right below one. */
function ancestorsOf(domain: string): string[] {
  const labels = domain.split(".");
  return labels
    .slice(1)
    .map((_label, index) => labels.slice(index + 1).join("."))
    .filter((ancestor, index) => index === 0 || ancestor.includes("."));
}
