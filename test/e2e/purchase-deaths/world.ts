import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { digitaloceanProvider } from "#hub/providers/digitalocean.ts";
import { hetznerProvider } from "#hub/providers/hetzner.ts";
import { linodeProvider } from "#hub/providers/linode.ts";
import type { Vps } from "#hub/providers/provider.ts";
import { demoShop } from "#scripts/demo/shop.ts";
import { JobView } from "#shared/api/hub.ts";
import { stock, WEBHOOK_SECRET } from "#test/hub/billing/shop.ts";
import { makeRelease } from "#test/hub/releases/release-folder.ts";
import { createTestClient, type TestClient } from "#test/hub/test-client.ts";
import { operator as account, testConfig } from "#test/hub/test-hub.ts";
import type { Contract } from "#test/simulators/contract.ts";
import { startDigitalocean } from "#test/simulators/digitalocean.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";
import { startLinode } from "#test/simulators/linode.ts";
import { startResend } from "#test/simulators/resend.ts";
import type { VendorHabits } from "#test/simulators/simulated-vendor.ts";
import { type NO_DESCRIPTION, SECRET_KEY, startStripe } from "#test/simulators/stripe/stripe.ts";
import type { SeededRandom } from "../chaos/random.ts";
import { root } from "../whole-way.ts";
import { createMachines } from "./machines.ts";
import { createMortalHub } from "./mortal-hub.ts";
import { startZone, type zoneKinds } from "./zone.ts";

/** So often does the time of vendors go by while that of everybody else does once. */
const VENDOR_SPEED = 40;
const TICK_MS = 50;
/** Nothing that calls somebody else on this machine does so from here: no call has the hub's port while the hub is dead. */
const HOST = "127.0.1.1";
const API_KEY = "re_of_the_tests";
const Jobs = z.object({ jobs: z.array(JobView) });

const kinds = [
  { kind: hetznerProvider, start: startHetzner, basePath: "/v1" },
  { kind: digitaloceanProvider, start: startDigitalocean, basePath: "" },
  { kind: linodeProvider, start: startLinode, basePath: "/v4" },
] as const;

/**
 * A hub that sells, and everybody with whom it has to do: Stripe, three vendors with what runs on their machines, who answers for its zone,
 * and who delivers mail.
 */
export type DeathWorld = Awaited<ReturnType<typeof openDeathWorld>>;

export interface DeathWorldParts {
  /** The hub, as one file. */
  readonly program: string;
  readonly stripeContract: Contract | typeof NO_DESCRIPTION;
  readonly random: SeededRandom;
  /** Who answers for the zone of its beacons; PowerDNS when absent. */
  readonly dns?: (typeof zoneKinds)[number];
  /** Vendors hold nothing against their descriptions, and the hub runs with these options of Node. */
  readonly measured?: { readonly nodeOptions: readonly string[] };
}

export async function openDeathWorld({ program, stripeContract, random, dns = "powerdns", measured }: DeathWorldParts) {
  const parent = join(root, ".wopr");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "deaths-"));
  const stripe = await startStripe(stripeContract);
  const mail = await startResend(API_KEY);
  const zone = await startZone(dns, folder);
  stock(stripe, [{ key: "bundle_vault_t1", title: "Vault T1", priceCents: 899 }]);
  writeFileSync(join(folder, "key"), SECRET_KEY);
  writeFileSync(join(folder, "secrets"), WEBHOOK_SECRET);
  writeFileSync(join(folder, "mail-key"), API_KEY, { mode: 0o600 });
  const { listen, ...settings } = await testConfig(folder, {
    ...zone.settings,
    logLevel: "warn",
    modulesDirectory: join(root, "compose-modules"),
    shop: demoShop,
    trustedProxies: ["127.0.0.1"],
    mail: { kind: "resend", apiKeyFile: join(folder, "mail-key"), from: "hub@example.org" },
    providers: {},
    releases: makeRelease(folder).settings,
    billing: {
      stripe: {
        secretKeyFile: join(folder, "key"),
        webhookSecretsFile: join(folder, "secrets"),
        endpoint: stripe.url,
      },
      terminateAfterDays: 30,
    },
  });
  const config = { ...settings, listen: { ...listen, host: HOST }, publicUrl: `http://${HOST}:${listen.port}` };
  stripe.webhooks.aim(`${config.publicUrl}/api/webhooks/stripe`, [WEBHOOK_SECRET]);
  const machines = createMachines(config.publicUrl);

  const vendors = await Promise.all(
    kinds.map(async ({ kind, start, basePath }, nth) => {
      /** All are on this machine, as the zone is. */
      const addressOf = (id: string) => `127.${10 + nth}.${(Number(id) >> 8) & 255}.${Number(id) & 255}`;
      const lies = new Map<string, number>();
      const habits: VendorHabits = {
        isUnchecked: measured !== undefined,
        onFirstBoot: ({ id, userData }) =>
          machines.boot({ id, userData, address: addressOf(id), exists: () => simulator.has(id) }),
        extraBootMs: () => (random.isOneIn(4) ? random.between(10_000, 60_000) : 0),
        // Sometimes another one at first, until the vendor knows better.
        tellsAddress: (id) => {
          const left = lies.get(id) ?? (random.isOneIn(5) ? 2 : 0);
          lies.set(id, Math.max(0, left - 1));
          return left > 0 ? `127.99.0.${nth + 1}` : addressOf(id);
        },
      };
      const simulator = await start(habits);
      const endpoint = simulator.url + basePath;
      const provider = kind.open(simulator.credentials, { endpoint, now: Date.now, sleep });
      return { name: kind.name, simulator, endpoint, provider };
    }),
  );
  const clocks = setInterval(() => {
    for (const { simulator } of vendors) simulator.clock.pass(TICK_MS * VENDOR_SPEED);
  }, TICK_MS);

  const vendorEndpoints = {
    ...Object.fromEntries(vendors.map(({ name, endpoint }) => [name, endpoint])),
    ...zone.vendorEndpoints,
    resend: mail.url,
  };
  const { nameServers } = zone;
  const { nodeOptions = [] } = measured ?? {};
  const hub = createMortalHub({ program, folder, config, vendorEndpoints, nameServers, nodeOptions });
  hub.start();
  await hub.up();
  const operator = createTestClient(config.publicUrl);
  await setUp(operator, config.dataDirectory);
  for (const { name, simulator } of vendors) {
    await operator.put(`/api/providers/${name}`, { enabled: true, weight: 1, credentials: simulator.credentials });
  }

  await hub.kill();
  const startedAt = Date.now();
  hub.start();
  await hub.up();
  const startMs = Date.now() - startedAt;

  const jobs = async () => Jobs.parse((await operator.get("/api/jobs")).body).jobs;
  return {
    folder,
    url: config.publicUrl,
    hub,
    /** How long it takes to start. */
    startMs,
    stripe,
    mail,
    zone,
    machines,
    operator,
    vendors: vendors.map(({ simulator }) => simulator),
    jobs,
    /** What the vendors say that we rent from them. */
    rented: async () => (await Promise.all(vendors.map(({ provider }): Promise<Vps[]> => provider.list()))).flat(),
    /** Everybody who gets no orders is asked again, and those who were passed over. */
    reopenVendors: async () => {
      for (const { name } of vendors) await operator.put(`/api/providers/${name}`, { enabled: true, weight: 1 });
    },
    stop: async () => {
      clearInterval(clocks);
      await hub.kill();
      await machines.stop();
      for (const simulator of [stripe, mail, ...vendors.map(({ simulator }) => simulator), zone])
        await simulator.stop();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function setUp(operator: TestClient, dataDirectory: string): Promise<void> {
  // Written before a hub listens.
  const code = readFileSync(join(dataDirectory, "setup-code"), "utf8");
  const { status, body } = await operator.post("/api/setup", { code, ...account });
  if (status !== 201) throw new Error(`set-up failed: ${JSON.stringify(body)}`);
}
