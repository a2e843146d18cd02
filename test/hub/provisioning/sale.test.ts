import { describe, expect, test } from "vitest";
import type { Sale } from "#hub/store/purchases.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, until, untilJob } from "./until.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden"] };
const HOUR_MS = 3_600_000;
const saleUntil = (expiresAt: number, changes: Partial<Sale> = {}): Sale => ({
  ...{ bundle: "tiny", tier: "t1", server: "t1", addOns: [], storageGb: 50, currency: "usd", awaits: "payment" },
  lines: [{ key: "bundle_tiny_t1", title: "Tiny T1", priceCents: 1000 }],
  ...{ expiresAt, cart: "0".repeat(64) },
  ...changes,
});
const running = runningWorlds();

describe("an order from the shop", () => {
  test("holds its name while it waits, and for nobody else's order", async () => {
    const { hub } = await running({ paid: () => false });
    expect(await hub.nameProblem("ada")).toBeUndefined();
    const job = await hub.order(order, order.email, { sale: saleUntil(Date.now() + HOUR_MS) });
    expect(await hub.nameProblem("ada")).toMatchObject({ code: "conflict" });
    await expect(hub.order(order, "op@example.org")).rejects.toMatchObject({ code: "conflict" });
    expect(await hub.pendingOf("ada")).toMatchObject({ id: job.purchase, sale: { tier: "t1" } });
    expect(await hub.pendingOf("bob")).toBeUndefined();
    const waiting = await untilJob(hub, job.id, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting).toMatchObject({ waitingFor: "the payment", sale: { monthlyCents: 1000, awaits: "payment" } });
  });

  test("that nobody paid in time ends by itself, with nothing made, and gives its name back", async () => {
    const { world, hub } = await running({ paid: () => false });
    const { id } = await hub.order(order, order.email, { sale: saleUntil(Date.now() - HOUR_MS) });
    const job = await untilJob(hub, id, isFinished);
    expect([job.state, job.stoppedIn]).toEqual(["CANCELLED", "PENDING"]);
    expect(job.events.map(({ message }) => message)).toContain("The payment did not come in time.");
    expect(await hub.nameProblem("ada")).toBeUndefined();
    expect(world.count).toEqual({ created: 0, sent: 0, issued: 0 });
    await expect(hub.approve(id, "op@example.org")).rejects.toMatchObject({ code: "conflict" });
  });

  test("that was paid is delivered, though its time was over when it was looked at", async () => {
    const { hub } = await running({ paid: () => true });
    const { id } = await hub.order(order, order.email, { sale: saleUntil(Date.now() - HOUR_MS) });
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
  });

  test("is held a little longer than its payment can last", async () => {
    const { hub } = await running({ paid: () => false });
    const { id } = await hub.order(order, order.email, { sale: saleUntil(Date.now() - 60_000) });
    expect((await untilJob(hub, id, ({ waitingFor }) => waitingFor !== undefined)).state).toBe("PENDING");
  });

  test("goes on as soon as its payment is known", async () => {
    let paid = false;
    const { hub } = await running({ paid: () => paid });
    const job = await hub.order(order, order.email, { sale: saleUntil(Date.now() + HOUR_MS) });
    await untilJob(hub, job.id, ({ waitingFor }) => waitingFor !== undefined);
    paid = true;
    await hub.wakePurchase(job.purchase);
    expect((await untilJob(hub, job.id, isFinished)).state).toBe("COMPLETED");
    await hub.wakePurchase("purchase_nosuch");
  });

  test("is approved once, whoever asks, and then needs no payment", async () => {
    const { world, hub } = await running({ paid: () => false });
    const { id } = await hub.order(order, order.email, {
      sale: saleUntil(Date.now() + HOUR_MS, { awaits: "approval" }),
    });
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the approval");
    const approved = await hub.approve(id, "op@example.org");
    expect(approved.sale?.approvedAt).toBeTypeOf("number");
    await hub.approve(id, "op2@example.org");
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("COMPLETED");
    expect(job.events.filter(({ message }) => message.startsWith("Approved"))).toHaveLength(1);
    const audit = await world.db
      .selectFrom("audit")
      .select(["actor", "action"])
      .where("action", "=", "job.approve")
      .execute();
    expect(audit).toEqual([{ actor: "op@example.org", action: "job.approve" }]);
    await expect(hub.withdraw(id, order.email)).rejects.toMatchObject({ code: "conflict" });
  });

  test("that waits for its approval is confirmed by one mail, with the address of its page", async () => {
    const { world, hub } = await running({ paid: () => false });
    const job = await hub.order(order, order.email, { sale: saleUntil(Date.now() + HOUR_MS, { awaits: "approval" }) });
    await until(
      () => world.deliveries,
      (seen) => seen.length === 1,
    );
    await hub.wakePurchase(job.purchase);
    await hub.approve(job.id, "op@example.org");
    await untilJob(hub, job.id, isFinished);
    expect(world.deliveries.map(({ to, subject }) => [to, subject])).toEqual([
      ["ada@example.org", "Your order of ada.localhost is in"],
      ["ada@example.org", "Your beacon ada is ready"],
    ]);
    expect(world.deliveries[0]?.text).toContain(`http://127.0.0.1:7300/order/${job.purchase}\n`);
    expect(world.deliveries[0]?.html).toContain(`/order/${job.purchase}"`);
  });

  test("that waits for its payment is not written to: it has a page of its own for that", async () => {
    const { world, hub } = await running({ paid: () => false });
    const { id } = await hub.order(order, order.email, { sale: saleUntil(Date.now() + HOUR_MS) });
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the payment");
    expect(await world.db.selectFrom("mail").select("id").execute()).toEqual([]);
  });

  test("is withdrawn by its customer until it is accepted", async () => {
    const { world, hub } = await running({ paid: () => false });
    const { id } = await hub.order(order, order.email, { sale: saleUntil(Date.now() + HOUR_MS) });
    await hub.withdraw(id, order.email);
    await hub.withdraw(id, order.email);
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("CANCELLED");
    expect(world.count.created).toBe(0);
    expect(await hub.ofPurchase(job.purchase)).toMatchObject({ id });
  });

  test("by two at the same moment is one's", async () => {
    const { hub } = await running({ paid: () => false });
    const sale = saleUntil(Date.now() + HOUR_MS);
    const both = await Promise.allSettled(["a", "b", "c"].map((who) => hub.order(order, who, { sale })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  });
});

test("the hub's own place in the zone is nobody's", async () => {
  const { hub } = await running({ publicUrl: "https://desk.localhost" });
  expect(await hub.nameProblem("desk")).toMatchObject({ code: "conflict" });
  expect(await hub.nameProblem("chair")).toBeUndefined();
});
