import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStripe, type StripeAccount } from "#hub/billing/stripe.ts";
import { createSync } from "#hub/billing/sync.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { SECRET_KEY, type StripeSimulator, startStripe, stripeContract } from "#test/simulators/stripe/stripe.ts";

const prices = [
  { key: "bundle_starter_t1", title: "Starter T1", priceCents: 2999 },
  { key: "addon_bookstack", title: "BookStack", priceCents: 299 },
];

describe.skipIf(!hasContracts())(hasContracts() ? "wopr billing sync" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let simulator: StripeSimulator;
  let account: StripeAccount;
  beforeEach(async () => {
    simulator = await startStripe(contract);
    account = openStripe({ secretKey: SECRET_KEY, webhookSecrets: [], endpoint: simulator.url });
  });
  afterEach(async () => {
    await simulator.stop();
    expect(simulator.violations).toEqual([]);
  });

  const onSale = () =>
    simulator.world.prices
      .all()
      .filter(({ active }) => active)
      .map(({ product, lookup_key, unit_amount }) => ({ product, lookup_key, unit_amount }))
      .sort((a, b) => a.product.localeCompare(b.product));
  const expected = [
    { product: "addon_bookstack", lookup_key: "addon_bookstack", unit_amount: 299 },
    { product: "bundle_starter_t1", lookup_key: "bundle_starter_t1", unit_amount: 2999 },
  ];

  it("makes what is missing, and nothing the second time", async () => {
    const sync = createSync(account, prices, "usd");
    expect(await sync.plan()).toHaveLength(4);
    expect(simulator.world.products.all()).toEqual([]);
    await sync.apply();
    expect(onSale()).toEqual(expected);
    const before = simulator.requests.length;
    expect(await sync.apply()).toEqual([]);
    expect(simulator.requests.slice(before).every(({ method }) => method === "GET")).toBe(true);
  });

  it("sells at another price from then on, and leaves the former one to who has it", async () => {
    await createSync(account, prices, "usd").apply();
    const former = simulator.world.prices.all().find(({ product }) => product === "bundle_starter_t1");
    const dearer = prices.map((one) => (one.key === "bundle_starter_t1" ? { ...one, priceCents: 3499 } : one));
    const steps = await createSync(account, dearer, "usd").apply();
    expect(steps.map(({ kind }) => kind)).toEqual(["price.create", "price.retire"]);
    expect(former).toMatchObject({ active: false, lookup_key: null, unit_amount: 2999 });
    expect(onSale()[1]).toMatchObject({ lookup_key: "bundle_starter_t1", unit_amount: 3499 });
    expect(await createSync(account, dearer, "usd").apply()).toEqual([]);
  });

  it("retires what is not for sale any more, takes it up again, and leaves alone what is not ours", async () => {
    const stranger = simulator.world.products.make({ id: "mug", name: "A mug", active: true, metadata: {} });
    await createSync(account, prices, "usd").apply();
    await createSync(account, prices.slice(0, 1), "usd").apply();
    expect(simulator.world.products.get("addon_bookstack").active).toBe(false);
    await createSync(account, prices, "usd").apply();
    expect(simulator.world.products.get("addon_bookstack").active).toBe(true);
    expect(stranger.active).toBe(true);
    expect(onSale()).toEqual(expected);
  });

  it("goes on wherever it was killed, before and after every change", async () => {
    const dearer = prices.map((one) => ({ ...one, priceCents: one.priceCents + 100 }));
    for (let nth = 0; nth < 6; nth += 1) {
      for (const kind of ["refused", "lost"] as const) {
        await simulator.stop();
        simulator = await startStripe(contract);
        account = openStripe({ secretKey: SECRET_KEY, webhookSecrets: [], endpoint: simulator.url });
        await createSync(account, prices, "usd").apply();
        // The library tries three times; all of them fail, as if this process had died there.
        const skipped = simulator.requests.filter(({ method }) => method === "POST").length;
        const before = simulator.requests.length;
        const posts = () => simulator.requests.slice(before).filter(({ method }) => method === "POST").length;
        const killed = createSync(
          {
            ...account,
            ask: async (question) => {
              // Who is dead does nothing any more.
              if (kind === "refused" && posts() >= nth) throw new Error("killed");
              const answer = await account.ask(question);
              if (kind === "lost" && posts() > nth) throw new Error("killed");
              return answer;
            },
          },
          dearer,
          "usd",
        );
        const end = await killed.apply().then(
          () => "ended",
          (error: Error) => error.message,
        );
        // Several things are done at a time, so that a death may come when all is under way already.
        if (nth === 0) expect(end).toBe("killed");
        expect(skipped).toBe(4);
        await createSync(account, dearer, "usd").apply();
        expect(onSale().map(({ unit_amount }) => unit_amount)).toEqual([399, 3099]);
        expect(await createSync(account, dearer, "usd").plan()).toEqual([]);
      }
    }
  });

  it("tries again what was lost on the way, without doing it twice", async () => {
    simulator.fail(/^POST \/prices/, { kind: "lost" }, { kind: "answer", status: 503 });
    await createSync(account, prices, "usd").apply();
    expect(onSale()).toEqual(expected);
    expect(simulator.world.prices.all()).toHaveLength(2);
  });
});
