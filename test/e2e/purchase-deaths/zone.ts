import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HubConfig } from "#hub/config.ts";
import { canonicalAddress, namesOf } from "#hub/dns/zone/record-sets.ts";
import { startNameServers } from "#test/hub/dns/name-servers.ts";
import { type CloudflareOptions, cloudflareTooOften, startCloudflare } from "#test/simulators/cloudflare.ts";
import { pdnsTooOften, startCheckedPdns } from "#test/simulators/powerdns.ts";
import type { Fault, Simulator } from "#test/simulators/simulator.ts";

const NAME = "beacons.example";
const TRIES = 50;
const PAUSE_MS = 100;
const TOKEN = "token-that-is-forty-characters-long-0000";

/** A zone at a real name server, which is changed as a whole through PowerDNS, or record by record through a simulated Cloudflare. */
export const zoneKinds = ["powerdns", "cloudflare"] as const;

export interface Zone {
  /** For the hub's configuration. */
  readonly settings: Pick<HubConfig, "zone" | "dns">;
  readonly vendorEndpoints: Readonly<Record<string, string>>;
  /** Where its name server really is, `address:port`, by its address. */
  readonly nameServers: Readonly<Record<string, string>>;
  readonly simulator: Simulator;
  /** Its answer to who asks too often. */
  readonly tooOften: Fault;
  /** Where all names lead that are not the name server's, a line each: `name address`. */
  leads(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startZone(kind: (typeof zoneKinds)[number], folder: string): Promise<Zone> {
  const servers = await startNameServers(NAME, ["127.0.0.1"]);
  const { first, places } = servers;
  const secretFile = join(folder, "dns-key");
  writeFileSync(secretFile, kind === "powerdns" ? first.apiKey : TOKEN, { mode: 0o600 });
  // One after the other, and until it is done: its database turns away who writes beside somebody else.
  let published = Promise.resolve();
  const publish: CloudflareOptions["publish"] = (...set) => {
    published = published.then(() => insist(() => first.publish(NAME, ...set)));
    return published;
  };
  const simulator =
    kind === "powerdns"
      ? await startCheckedPdns(first.url)
      : await startCloudflare({ token: TOKEN, zone: NAME, publish });
  const dns =
    kind === "powerdns" ? { kind, url: simulator.url, apiKeyFile: secretFile } : { kind, apiTokenFile: secretFile };
  return {
    settings: { zone: NAME, dns },
    vendorEndpoints: kind === "powerdns" ? {} : { cloudflare: `${simulator.url}/client/v4` },
    nameServers: places,
    simulator,
    tooOften: kind === "powerdns" ? pdnsTooOften : cloudflareTooOften,
    leads: async () =>
      (await first.records(NAME)).flatMap((line) => {
        const [name = "", type = "", value = ""] = line.split(" ");
        const isLead = (type === "A" || type === "AAAA") && name !== `ns1.${NAME}`;
        return isLead ? [`${name} ${canonicalAddress(value)}`] : [];
      }),
    stop: async () => {
      await simulator.stop();
      await servers.stop();
    },
  };
}

/** @throws what `act` throws when it has done so many times */
async function insist(act: () => Promise<void>, times = TRIES): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (times <= 1) throw error;
    await sleep(PAUSE_MS);
    await insist(act, times - 1);
  }
}

/** What `leads` says of a beacon that is served, with these addresses. */
export const leadsOf = (beaconName: string, addresses: readonly string[]): string[] =>
  namesOf(`${beaconName}.${NAME}`).flatMap((name) => addresses.map((one) => `${name} ${canonicalAddress(one)}`));
