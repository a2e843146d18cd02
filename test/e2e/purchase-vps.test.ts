// @module-tag docker
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { renderUserData } from "#hub/provisioning/user-data.ts";
import { createReleases } from "#hub/releases/releases.ts";
import { buy, followPurchase } from "#scripts/demo/buy.ts";
import { askHttps } from "#scripts/demo/https-client.ts";
import { createHubClient } from "#scripts/demo/hub-client.ts";
import { putOnSale } from "#scripts/demo/operator.ts";
import { demoShop } from "#scripts/demo/shop.ts";
import { until } from "#scripts/demo/stage.ts";
import { type Mailbox, startMailbox } from "#scripts/mailbox.ts";
import { BillingPage } from "#shared/api/billing.ts";
import { DAY_MS, startShop, type TestShop } from "#test/hub/billing/shop.ts";
import { type NameServers, startNameServers } from "#test/hub/dns/name-servers.ts";
import { operator } from "#test/hub/test-hub.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { NO_DESCRIPTION, stripeContract } from "#test/simulators/stripe/stripe.ts";
import { openVpsPlace, type VpsPlace } from "#test/vps/place.ts";
import { runIn } from "#test/vps/run-in.ts";
import { expectDelivered } from "./delivered.ts";

const ZONE = "beacons.test";
/** A name server, and nobody's beacon. */
const OWN_NAME = `ns1.${ZONE}`;
/** From the payment to a beacon that is up: packages, an engine and all images come first, on a machine that does much else. */
const DELIVERY_MS = 480_000;
const basket = { email: "ada@example.org", beacon: "ada", bundle: "vault", tier: "t1" };

const undo: (() => unknown)[] = [];
let mailbox: Mailbox;
let servers: NameServers;
let place: VpsPlace;
let shop: TestShop;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "wopr-bought-"));
  undo.push(() => rmSync(folder, { recursive: true }));
  mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
  undo.push(() => mailbox.stop());
  servers = await startNameServers(ZONE, ["127.0.0.1"]);
  undo.push(() => servers.stop());
  const { url, apiKey } = servers.first;
  const apiKeyFile = join(folder, "dns-key");
  writeFileSync(apiKeyFile, apiKey, { mode: 0o600 });
  place = await openVpsPlace(async (settings) => {
    shop = await startShop({
      contract: hasContracts() ? stripeContract() : NO_DESCRIPTION,
      isSynced: false,
      shop: demoShop,
      openResolver: servers.openResolver,
      settings: {
        ...settings,
        zone: ZONE,
        dns: { kind: "powerdns", url, apiKeyFile },
        mail: { kind: "smtp", ...mailbox.smtp, from: "WOPR <hub@beacons.test>" },
      },
    });
    return { ...shop.hub, stop: shop.stop };
  });
  undo.push(() => place.dispose());
});
afterAll(async () => {
  for (let next = undo.pop(); next !== undefined; next = undo.pop()) await next();
});

const names = async () =>
  (await servers.first.records(ZONE)).filter((line) => / A /.test(line) && !line.startsWith(OWN_NAME)).sort();

test(
  "a purchase ends with a whole server of its own, which became a beacon by its user data alone, and is gone when it is not paid for any more",
  async () => {
    const { hub, stripe } = shop;
    const client = createHubClient(hub.url);
    const { email, password } = operator;
    await client.post("/api/auth/sign-in/email", { email, password }, z.unknown());
    await putOnSale(client);

    const purchase = await buy(hub.url, basket);
    const delivery = followPurchase(client, purchase, () => undefined);
    const vps = await until("the VPS", 20_000, async () => (await place.provider.list())[0]?.id);
    await place.reachImages(vps);
    const bought = await delivery;
    expect(stripe.world.paymentIntents.all().map(({ amount }) => amount)).toEqual([899]);

    const userData = await runIn(vps, "cat", "/var/lib/cloud/seed/nocloud/user-data");
    const { config } = hub;
    const birth = {
      ...{ hub: hub.url, enrolmentToken: /token='([^']+)'/.exec(userData)?.[1] ?? "" },
      ...{ ...config.newBeacons, ...(await createReleases(place.packages).facts()) },
    };
    expect(userData).toBe(renderUserData(birth).cloudConfig.trimEnd());
    expect(await runIn(vps, "cloud-init", "status", "--wait")).toContain("status: done");

    const { address = "" } = (await place.provider.get(vps)) ?? {};
    expect(await hub.beacons.byName("ada")).toMatchObject({ id: bought.beacon, providerId: vps, address });
    expect(await names()).toEqual([`*.ada.${ZONE} A ${address}`, `ada.${ZONE} A ${address}`]);
    const where = { client, mailbox: mailbox.url };
    const app = await expectDelivered(where, { beacon: "ada", email: basket.email, app: "vaultwarden", address });
    expect(new URL(app.url).hostname).toBe(`vaultwarden.ada.${ZONE}`);

    stripe.configurePortal({ cancel: "immediately" });
    const owner = await hub.owner(basket.email);
    const { url: portal } = BillingPage.parse((await owner.post("/api/billing/portal")).body);
    const [{ id: subscription } = { id: "" }] = stripe.world.subscriptions.all();
    const body = new URLSearchParams({ subscription, action: "cancel" });
    await fetch(portal, { method: "POST", redirect: "manual", body });
    await until("the suspension on the server itself", 60_000, async () => {
      const { status } = await askHttps({ ...app, address });
      return status === 200 ? undefined : true;
    });

    const isDiskThere = await place.diskOf(vps);
    expect(await isDiskThere()).toBe(true);
    await shop.pass(31 * DAY_MS);
    await until("the end of the beacon", 60_000, async () =>
      (await hub.beacons.byName("ada")) === undefined ? true : undefined,
    );
    expect(await place.provider.list()).toEqual([]);
    expect(await isDiskThere()).toBe(false);
    expect(await names()).toEqual([]);
    expect(stripe.world.subscriptions.all().map(({ status }) => status)).toEqual(["canceled"]);
    expect(stripe.violations).toEqual([]);
  },
  DELIVERY_MS,
);
