import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeSubscription, type PriceChange } from "#hub/billing/change-subscription.ts";
import type { BeaconLife, TellCustomer } from "#hub/billing/life.ts";
import { readBooked } from "#hub/store/booked.ts";
import { Problem } from "#shared/problem.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { openAccount, type TestAccount } from "./account.ts";

const SMALL = "bundle_starter_t1";
const LARGE = "bundle_starter_t2";
const MINUTE_MS = 60_000;

describe.skipIf(!hasContracts())(hasContracts() ? "a beacon and what is subscribed to" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let account: TestAccount;
  /** What was asked for, in its order. */
  let asked: PriceChange[];
  /** How the next questions end; well when nothing is left. */
  let ends: ("dies before" | "dies after" | "gone" | Problem)[];
  beforeEach(async () => {
    account = await openAccount(contract);
    account.sell(LARGE, 4599);
    account.sell("addon_n8n", 499);
    asked = [];
    ends = [];
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });

  const nothing = async () => undefined;
  const beacons: BeaconLife = { suspend: nothing, resume: nothing, terminate: nothing };
  const tell: TellCustomer = nothing;
  const bring = async (change: PriceChange) => {
    const end = ends.shift();
    if (end instanceof Problem) throw end;
    if (end === "dies before") return new Promise<never>(() => undefined);
    if (end === "gone") return false;
    asked.push(change);
    return end === "dies after" ? new Promise<never>(() => undefined) : true;
  };
  /** Lets a hub live until nothing is due, or until it hangs where it is to die. */
  const live = async () => {
    const errors: unknown[] = [];
    const life = account.life(beacons, tell, (error) => errors.push(error), bring);
    const dies = ends[0] === "dies before" || ends[0] === "dies after";
    life.start();
    if (dies) {
      await expect.poll(() => ends.length).toBe(0);
      void life.stop();
      return errors;
    }
    await expect.poll(async () => (await account.subscriptions.due(account.now())).length).toBe(0);
    await life.stop();
    return errors;
  };
  const change = (id: string, wanted: readonly string[]) => {
    const { stripe, subscriptions, books, lanes } = account;
    return changeSubscription({ stripe, subscriptions, books, lanes, mayChange: nothing }, id, wanted);
  };
  const atStripe = async (id: string, wanted: string) => {
    const { data } = await account.stripe.ask((api) => api.prices.list({ lookup_keys: [wanted] }));
    const { items } = await account.stripe.ask((api) => api.subscriptions.retrieve(id));
    const item = { id: items.data[0]?.id ?? "", price: data[0]?.id ?? "" };
    await account.stripe.ask((api) => api.subscriptions.update(id, { items: [item] }));
  };
  const told = () => asked.map(({ from, to }) => `${from.join("+")} → ${to.join("+")}`);

  it("are brought together once a change is made, and not again", async () => {
    const { subscription, purchase } = await account.subscribed();
    await live();
    expect(asked).toEqual([]);
    await change(subscription.id, [LARGE, "addon_n8n"]);
    await live();
    expect(asked).toEqual([{ purchase, from: [SMALL], to: ["addon_n8n", LARGE] }]);
    for (let times = 0; times < 3; times++) {
      await account.books.refresh(subscription.id);
      await live();
    }
    await change(subscription.id, [LARGE, "addon_n8n"]);
    await live();
    expect(asked).toHaveLength(1);
  });

  it("are so too when the hub died between Stripe and its books, or somebody changed it at Stripe", async () => {
    const { subscription } = await account.subscribed();
    await atStripe(subscription.id, LARGE);
    await live();
    expect(asked).toEqual([]);
    // The webhook, twice, and late.
    await Promise.all([account.books.refresh(subscription.id), account.books.refresh(subscription.id)]);
    await live();
    expect(told()).toEqual([`${SMALL} → ${LARGE}`]);
  });

  it.each(["dies before", "dies after"] as const)("are so when the hub %s it asks for that", async (end) => {
    const { subscription } = await account.subscribed();
    await change(subscription.id, [LARGE]);
    ends.push(end);
    await live();
    await live();
    expect(new Set(told())).toEqual(new Set([`${SMALL} → ${LARGE}`]));
    expect(asked).toHaveLength(end === "dies after" ? 2 : 1);
    await account.books.refresh(subscription.id);
    await live();
    expect(asked).toHaveLength(end === "dies after" ? 2 : 1);
  });

  it("go back and forth as often as their customer does, whatever was missed in between", async () => {
    const { subscription } = await account.subscribed();
    for (const wanted of [LARGE, SMALL, LARGE]) {
      await change(subscription.id, [wanted]);
      await live();
    }
    await change(subscription.id, [SMALL]);
    await change(subscription.id, [LARGE]);
    await live();
    expect(told()).toEqual([`${SMALL} → ${LARGE}`, `${LARGE} → ${SMALL}`, `${SMALL} → ${LARGE}`]);
  });

  it("wait for each other while something else is done to the beacon, or while there is none", async () => {
    const { subscription } = await account.subscribed();
    await change(subscription.id, [LARGE]);
    ends.push(new Problem("conflict", "another change of ada is under way"), "gone");
    expect(await live()).toMatchObject([{ code: "conflict" }]);
    await live();
    expect(ends).toHaveLength(1);
    account.simulator.advance(2 * MINUTE_MS);
    await live();
    expect([ends.length, asked.length]).toEqual([0, 0]);
    account.simulator.advance(16 * MINUTE_MS);
    await live();
    expect(told()).toEqual([`${SMALL} → ${LARGE}`]);
  });

  const behindOf = async (id: string) => (await account.subscriptions.get(id))?.behind;
  const tooSmall = new Problem("disk_full", "ada holds 60 GB, and the tier has 40", { hint: "Delete something." });

  it("are known to differ, and why, from the first refusal until they are brought together", async () => {
    const { subscription } = await account.subscribed();
    await live();
    expect(await behindOf(subscription.id)).toBeUndefined();
    await change(subscription.id, [LARGE]);
    ends.push(new Problem("provider_unavailable", "hetzner does not answer"), tooSmall);
    await live();
    const first = await behindOf(subscription.id);
    expect(first).toMatchObject({ problem: { code: "provider_unavailable" } });
    const since = first?.since ?? Number.NaN;
    expect(account.now() - since).toBeLessThan(MINUTE_MS);
    account.simulator.advance(2 * MINUTE_MS);
    await live();
    expect(await behindOf(subscription.id)).toEqual({ since, problem: tooSmall.toJSON() });
    const booked = await readBooked(account.db);
    expect(booked.orders.map((order) => order.subscription?.behind)).toEqual([{ since, problem: tooSmall.toJSON() }]);
    account.simulator.advance(16 * MINUTE_MS);
    await live();
    expect([told(), await behindOf(subscription.id)]).toEqual([[`${SMALL} → ${LARGE}`], undefined]);
  });

  it("are no longer known to differ when their customer changes it back, and are anew after that", async () => {
    const { subscription } = await account.subscribed();
    await change(subscription.id, [LARGE]);
    ends.push(tooSmall);
    await live();
    await change(subscription.id, [SMALL]);
    await live();
    expect([told(), await behindOf(subscription.id)]).toEqual([[], undefined]);
    account.simulator.advance(60 * MINUTE_MS);
    await change(subscription.id, [LARGE]);
    ends.push(tooSmall);
    await live();
    expect(account.now() - ((await behindOf(subscription.id))?.since ?? 0)).toBeLessThan(MINUTE_MS);
  });

  it("have nothing to do with each other once it is not paid or was given back", async () => {
    const { subscription, card } = await account.subscribed();
    account.simulator.world.refusedCards.add(card);
    account.simulator.advance(32 * 24 * 60 * MINUTE_MS);
    await atStripe(subscription.id, LARGE);
    await account.books.refresh(subscription.id);
    await live();
    expect((await account.subscriptions.get(subscription.id))?.status).toBe("past_due");
    expect(asked).toEqual([]);
  });
});
