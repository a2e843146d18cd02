import type { Inventory } from "#shared/inventory.ts";
import type { ModuleFacts } from "../provisioning/module-facts.ts";
import type { Beacon } from "../store/beacons.ts";

/** One app in the handbook. */
export interface HandbookApp {
  readonly title: string;
  readonly summary: string;
  /** Where people open it; none for an app without pages. */
  readonly url: string | undefined;
  readonly firstSteps: readonly string[];
  /** How people sign on, as the app's manifest has it. */
  readonly signOn: ModuleFacts["signOn"];
}

/** All that a handbook says. It is given to people and mailed: no secret is in it. */
export interface HandbookFacts {
  readonly name: string;
  readonly domain: string;
  readonly email: string;
  readonly dashboardUrl: string;
  /** Page of the hub on which the owner asks for a sign-in link, with the address filled in. */
  readonly signInUrl: string;
  readonly apps: readonly HandbookApp[];
  /** Titles of the core modules that the apps stand on. */
  readonly core: readonly string[];
  /** Whether browsers must be told to trust the beacon's own certificate authority. */
  readonly ownCertificates: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface HandbookSources {
  readonly beacon: Pick<Beacon, "name" | "domain" | "email">;
  readonly inventory: Inventory;
  readonly modules: ReadonlyMap<string, ModuleFacts>;
  /** Ids of the apps that were ordered. */
  readonly ordered: readonly string[];
  readonly publicUrl: string;
  readonly createdAt: number;
}

/** The facts of a handbook: what was ordered, as the beacon itself reports it. Pure. */
export function handbookOf(sources: HandbookSources): HandbookFacts {
  const { beacon, inventory, modules, ordered, publicUrl, createdAt } = sources;
  const apps = ordered.map((id): HandbookApp => {
    const installed = inventory.instances.find(({ module }) => module === id);
    const facts = modules.get(id);
    return {
      title: facts?.title ?? installed?.title ?? id,
      summary: facts?.summary ?? "",
      url: installed?.urls[0],
      firstSteps: facts?.firstSteps ?? [],
      signOn: facts?.signOn ?? "none",
    };
  });
  return {
    name: beacon.name,
    domain: beacon.domain,
    email: beacon.email,
    dashboardUrl: inventory.dashboardUrl,
    signInUrl: `${publicUrl}/sign-in?email=${encodeURIComponent(beacon.email)}`,
    apps,
    core: inventory.instances.filter(({ core }) => core).map(({ title }) => title),
    ownCertificates: inventory.caCertificate !== undefined,
    createdAt,
  };
}
