import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeRelease } from "#test/hub/releases/release-folder.ts";
import { operator as olga } from "#test/hub/test-hub.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { startShop, type TestShop } from "./shop.ts";

const HOUR_MS = 3_600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "what is paid for and not delivered" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let folder: string;
  let hetzner: SimulatedVendor;
  let shop: TestShop;
  const open = async (options: { readonly trialDays?: number } = {}) => {
    shop = await startShop({
      ...{ contract, ...options, vendorEndpoints: { hetzner: `${hetzner.url}/v1` } },
      settings: { providers: {}, releases: makeRelease(folder).settings, orders: { deliverWithinHours: 6 } },
    });
  };
  const enable = async () =>
    (await shop.hub.operator()).put("/api/providers/hetzner", {
      ...{ enabled: true, weight: 40, credentials: hetzner.credentials },
    });
  const servers = async () => {
    const headers = { authorization: `Bearer ${hetzner.credentials.token}` };
    const answer: { readonly servers: readonly unknown[] } = await (
      await fetch(`${hetzner.url}/v1/servers`, { headers })
    ).json();
    return answer.servers.length;
  };
  const mails = async () => {
    const rows = await shop.hub.db.selectFrom("mail").select(["recipient", "subject"]).orderBy("subject").execute();
    return rows.map(({ recipient, subject }) => `${recipient}: ${subject}`);
  };
  /** Waits until an order is called off and all is taken back; a server is deleted in its own time. */
  const untilTakenBack = (job: string) =>
    expect
      .poll(
        async () => {
          hetzner.clock.pass(20_000);
          const { state, finishedAt } = await shop.job(job);
          return state === "CANCELLED" && finishedAt !== undefined;
        },
        { timeout: 60_000 },
      )
      .toBe(true);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wopr-undelivered-"));
    hetzner = await startHetzner();
  });
  afterEach(async () => {
    await shop.stop();
    await hetzner.stop();
    rmSync(folder, { recursive: true });
    expect([...shop.stripe.violations, ...hetzner.violations]).toEqual([]);
  });

  it("in its time is refunded, its server deleted, and customer and operator told, once", async () => {
    await open();
    await enable();
    const { job, purchase } = await shop.buy("ada");
    await expect.poll(async () => (await shop.job(job)).waitingFor).toBe("the server to start");
    expect(await servers()).toBe(1);
    await shop.pass(5 * HOUR_MS);
    await shop.hub.restart();
    expect((await shop.job(job)).state).not.toBe("CANCELLED");
    await shop.pass(HOUR_MS);
    await untilTakenBack(job);
    await shop.hub.restart();
    await shop.pass(HOUR_MS);
    hetzner.clock.pass(60_000);
    expect(await servers()).toBe(0);
    expect(await shop.hub.beacons.byName("ada")).toBeUndefined();
    expect(shop.stripe.world.refunds.all()).toMatchObject([{ amount: 2999 }]);
    expect(shop.stripe.world.subscriptions.all()).toMatchObject([{ status: "canceled" }]);
    expect(await shop.payment(purchase)).toMatchObject({ takenBackAt: expect.any(Number) });
    const told = (await mails()).filter((line) => !line.includes("Your order") && !line.includes("has failed"));
    expect(told).toEqual([
      `${olga.email}: The order of ada.localhost was not delivered in time`,
      "ada@example.org: Your beacon ada could not be delivered: you get your money back",
    ]);
    expect((await shop.order("ada")).job).not.toBe(job);
  });

  it("because no provider is there waits for its time, and is refunded then", async () => {
    await open();
    const { job } = await shop.buy("ada");
    await expect.poll(async () => (await shop.job(job)).waitingFor).toBe("a provider to be set up");
    await shop.pass(6 * HOUR_MS);
    await untilTakenBack(job);
    expect(shop.stripe.world.refunds.all()).toMatchObject([{ amount: 2999 }]);
  });

  it("while a provider refuses the hub is refunded all the same; its server is deleted when it does not any more", async () => {
    await open();
    await enable();
    const { job, purchase } = await shop.buy("ada");
    await expect.poll(async () => (await shop.job(job)).waitingFor).toBe("the server to start");
    const operator = await shop.hub.operator();
    await operator.put("/api/providers/hetzner", { enabled: true, weight: 40, credentials: { token: "revoked" } });
    await shop.pass(6 * HOUR_MS);
    await expect.poll(async () => (await shop.payment(purchase)).takenBackAt, { timeout: 20_000 }).toBeDefined();
    await expect.poll(async () => (await shop.job(job)).waitingFor).toBe("other credentials");
    expect(shop.stripe.world.refunds.all()).toHaveLength(1);
    expect(await servers()).toBe(1);
    await enable();
    await untilTakenBack(job);
    hetzner.clock.pass(60_000);
    expect(await servers()).toBe(0);
    expect(shop.stripe.world.refunds.all()).toHaveLength(1);
  });

  it("of a trial ends it, and says that nothing was charged", async () => {
    await open({ trialDays: 14 });
    const { job } = await shop.buy("ada");
    await expect.poll(async () => (await shop.job(job)).waitingFor).toBe("a provider to be set up");
    await shop.pass(6 * HOUR_MS);
    await untilTakenBack(job);
    expect(shop.stripe.world.refunds.all()).toEqual([]);
    expect(shop.stripe.world.subscriptions.all()).toMatchObject([{ status: "canceled" }]);
    expect(await mails()).toContain("ada@example.org: Your beacon ada could not be delivered: nothing was charged");
  });

  describe("because its order was called off before it was paid for", () => {
    it("is refunded when the news of the payment comes last", async () => {
      await open();
      const { job, purchase } = await shop.order("ada");
      const url = await shop.checkout(purchase);
      shop.stripe.webhooks.behave({ lose: () => true });
      await shop.submit(url);
      await (await shop.hub.operator()).post(`/api/jobs/${job}/cancel`);
      await untilTakenBack(job);
      shop.stripe.webhooks.behave({});
      for (const event of shop.stripe.world.events.all()) await shop.stripe.webhooks.resend(event);
      await expect.poll(async () => (await shop.payment(purchase)).paidAt).toBeDefined();
      expect(shop.stripe.world.refunds.all()).toMatchObject([{ amount: 2999 }]);
      expect(shop.stripe.world.subscriptions.all()).toMatchObject([{ status: "canceled" }]);
      expect((await shop.job(job)).state).toBe("CANCELLED");
    });

    it("is refunded when the books of the payment do not know yet that it was called off", async () => {
      await open();
      const { job, purchase } = await shop.order("ada");
      const url = await shop.checkout(purchase);
      await shop.hub.db.updateTable("payment").set({ session: null, session_url: null }).execute();
      await (await shop.hub.operator()).post(`/api/jobs/${job}/cancel`);
      await untilTakenBack(job);
      // As after a death between the two: the checkout is open, and nobody has noted that all goes back.
      await shop.hub.db.updateTable("payment").set({ take_back_since: null, taken_back_at: null }).execute();
      await shop.submit(url);
      await expect.poll(() => shop.stripe.world.refunds.all(), { timeout: 20_000 }).toMatchObject([{ amount: 2999 }]);
      await expect.poll(async () => (await shop.payment(purchase)).takenBackAt).toBeDefined();
      expect((await shop.job(job)).state).toBe("CANCELLED");
    });
  });
});
