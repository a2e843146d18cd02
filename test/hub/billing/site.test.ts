import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ShopSettings } from "#hub/shop/stock.ts";
import { createBuyer, wanted } from "#test/hub/site/buyer.ts";
import { tiny } from "#test/hub/site/site-hub.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { DAY_MS, startShop, stock, type TestShop } from "./shop.ts";

const HOUR_MS = 3_600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "a sign-up on the site" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let shop: TestShop;
  beforeEach(async () => {
    const settings = ShopSettings.parse({ bundles: [tiny], contact: "shop@example.org" });
    shop = await startShop({ contract, shop: settings, trialDays: 14 });
    stock(shop.stripe, [{ key: "bundle_tiny_t1", title: "Tiny T1", priceCents: 1000 }]);
  });
  afterEach(async () => {
    await shop.stop();
    expect(shop.stripe.violations).toEqual([]);
  });

  /** From the form to Stripe's page. */
  const signUp = async () => {
    const buyer = createBuyer(shop.hub.url);
    const placed = await buyer.post("/order", wanted);
    const url = placed.location.startsWith(shop.stripe.url)
      ? placed.location
      : (await buyer.post(`${placed.location}/pay`, {})).location;
    return { buyer, url };
  };
  const states = async () => (await shop.hub.db.selectFrom("job").select("state").execute()).map(({ state }) => state);

  it("leads to Stripe's page, at the shop's price, and goes on when its trial has begun", async () => {
    const { url } = await signUp();
    expect(url).toMatch(/\/pay\/cs_test_/);
    expect(await states()).toEqual(["PENDING"]);
    const answer = await shop.submit(url);
    expect(answer.headers.get("location")).toMatch(/\/order\/purchase_/);
    await expect.poll(states).not.toEqual(["PENDING"]);
    const [subscription] = shop.stripe.world.subscriptions.all();
    expect(subscription).toMatchObject({ status: "trialing", items: { data: [{ price: { unit_amount: 1000 } }] } });
  });

  it("has an hour to be paid, and cannot be paid after it", async () => {
    const { url } = await signUp();
    const [session] = shop.stripe.world.sessions.all();
    const left = (session?.expires_at ?? 0) * 1000 - shop.stripe.now();
    expect(left).toBeLessThanOrEqual(HOUR_MS);
    expect(left).toBeGreaterThan(HOUR_MS / 2);
    await shop.pass(DAY_MS);
    await expect.poll(states).toEqual(["CANCELLED"]);
    expect((await shop.submit(url)).status).toBe(400);
    expect(shop.stripe.world.subscriptions.all()).toEqual([]);
  });
});
