import { describe, expect, test } from "vitest";
import { createPaymentStore } from "#hub/store/payments.ts";
import type { JobState } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { Death } from "./mortal.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, until, untilJob } from "./until.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden"] };
const payment = { prices: ["bundle_starter_t1"], trialDays: undefined };
const operators = ["op@example.org", "op2@example.org"];
const HOUR_MS = 3_600_000;
const running = runningWorlds();

const payFor = (world: World, purchase: string, hoursAgo: number) =>
  createPaymentStore(world.db).markPaid(purchase, {
    ...{ subscription: "sub_1", customer: "cus_1", at: Date.now() - hoursAgo * HOUR_MS },
  });
const mailsTo = (world: World, recipient: string) =>
  world.deliveries.filter(({ to }) => to === recipient).map(({ subject }) => subject);
const refusal = () => new Problem("provider_refused", "the account is closed", { hint: "Open it." });

/** What holds a paid order up in each state. */
const holdups: { readonly [S in JobState]?: WorldOptions } = {
  PENDING: { paid: () => false },
  PAYMENT_RECEIVED: { offers: () => [] },
  PROVISIONING_VPS: { createProblem: () => new Problem("provider_credentials", "not known") },
  WAITING_FOR_VPS: { reports: () => false },
  CONFIGURING_DNS: { dnsProblem: () => new Problem("dns_not_ready", "not yet") },
  DEPLOYING_WOPR: { installProblem: () => "never" },
};

describe("an order that is paid for and not delivered in its time", () => {
  test.each(Object.entries(holdups))("is called off in %s, with all that was made", async (state, options) => {
    const { world, hub } = await running({ ...options, operators });
    const job = await hub.order(order, "op", { payment });
    await untilJob(hub, job.id, (seen) => seen.state === state && seen.waitingFor !== undefined);
    await payFor(world, job.purchase, 23.9);
    await hub.callOffOverdue();
    expect((await hub.job(job.id))?.state).toBe(state);
    await world.db
      .updateTable("payment")
      .set({ paid_at: Date.now() - 24 * HOUR_MS })
      .execute();
    await hub.callOffOverdue();
    await hub.callOffOverdue();
    const ended = await untilJob(hub, job.id, isFinished);
    expect(ended).toMatchObject({ state: "CANCELLED", stoppedIn: state });
    expect(ended.events.filter(({ message }) => message.startsWith("Not delivered within 24 hours"))).toHaveLength(1);
    expect([world.vpss.size, world.names.size, (await world.beacons.list()).length]).toEqual([0, 0, 0]);
    expect(world.takenBack).toEqual([job.purchase]);
    await expect(hub.retry(job.id, "op")).rejects.toMatchObject({ code: "conflict" });
    const mails = await world.db.selectFrom("mail").select(["recipient", "subject"]).execute();
    const told = operators.map((recipient) => ({
      recipient,
      subject: "The order of ada.localhost was not delivered in time",
    }));
    expect(mails).toEqual(told);
  });

  test("is called off though it has failed and nobody has retried it; until then it can be", async () => {
    const { world, hub } = await running({ createProblem: refusal, operators });
    const { id, purchase } = await hub.order(order, "op", { payment });
    await payFor(world, purchase, 1);
    expect((await untilJob(hub, id, isFinished)).state).toBe("FAILED");
    await hub.callOffOverdue();
    await hub.retry(id, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("FAILED");
    await world.db
      .updateTable("payment")
      .set({ paid_at: Date.now() - 25 * HOUR_MS })
      .execute();
    await hub.callOffOverdue();
    const ended = await untilJob(hub, id, (job) => job.state === "CANCELLED" && isFinished(job));
    expect(ended.stoppedIn).toBe("PROVISIONING_VPS");
    expect(world.takenBack).toEqual([purchase]);
    await until(
      () => mailsTo(world, "op@example.org").length,
      (count) => count === 3,
    );
    expect(mailsTo(world, "op@example.org")).toEqual([
      ...["The order of ada.localhost has failed", "The order of ada.localhost has failed"],
      "The order of ada.localhost was not delivered in time",
    ]);
  });

  test("is left alone once it is delivered, and so is what was never paid for", async () => {
    const { world, hub } = await running({ operators });
    const done = await hub.order(order, "op", { payment });
    await payFor(world, done.purchase, 100);
    await untilJob(hub, done.id, isFinished);
    const gift = await hub.order({ ...order, beacon: "gift" }, "op");
    await world.db.updateTable("job").set({ created_at: 1, entered_at: 1 }).where("id", "=", gift.id).execute();
    await hub.callOffOverdue();
    expect((await hub.job(done.id))?.state).toBe("COMPLETED");
    expect((await untilJob(hub, gift.id, isFinished)).state).toBe("COMPLETED");
    expect(world.vpss.size).toBe(2);
  });

  test("is called off once, with one mail each, wherever the hub is killed", async () => {
    const calls = await callOff();
    const deaths = ["jobs.change", "provider.remove", "beacons.remove", "dns.remove", "mails.markSent"].flatMap(
      (call) =>
        calls
          .filter((one) => one === call)
          .flatMap((_one, index) =>
            (["before", "after"] as const).map((when): Death => ({ call, nth: index + 1, when })),
          ),
    );
    expect(deaths.length).toBeGreaterThan(10);
    await Promise.all(deaths.map((death) => callOff(death)));
  });
});

/** Has a hub die while it calls off an order, and the next one do the rest. */
async function callOff(death?: Death): Promise<readonly string[]> {
  const world = await createWorld({ reports: () => false, operators });
  const first = world.boot(death);
  const job = await first.provisioning.order(order, "op", { payment });
  await payFor(world, job.purchase, 100);
  first.start();
  const waits = untilJob(first.provisioning, job.id, ({ waitingFor }) => waitingFor === "the agent to enrol");
  await Promise.race([first.died, waits]);
  void first.provisioning.callOffOverdue();
  const isOver = async () => (await untilJob(first.provisioning, job.id, isFinished)) && untilMailed(world);
  if (death === undefined) await isOver();
  else await Promise.race([first.died, isOver()]);
  void first.stop();
  const second = world.boot();
  second.start();
  await second.provisioning.callOffOverdue();
  expect((await untilJob(second.provisioning, job.id, isFinished)).state).toBe("CANCELLED");
  await untilMailed(world);
  await second.stop();
  expect(world.vpss.size).toBe(0);
  const sent = new Set(world.deliveries.map(({ id }) => id));
  expect(sent.size).toBe(operators.length);
  return first.calls;
}

const untilMailed = (world: World) =>
  until(
    () => world.db.selectFrom("mail").select("sent_at").execute(),
    (mails) => mails.length === operators.length && mails.every(({ sent_at }) => sent_at !== null),
  );

test("a failure is told to each operator once, with what to do, and once more when it fails again", async () => {
  const { world, hub } = await running({ createProblem: refusal, operators });
  const { id } = await hub.order(order, "op");
  await untilJob(hub, id, isFinished);
  await until(
    () => world.deliveries.length,
    (count) => count === 2,
  );
  expect(world.deliveries.map(({ to }) => to).sort()).toEqual([...operators].sort());
  const [mail] = world.deliveries;
  for (const words of ["the account is closed. Open it.", "ada@example.org", "Creating the server", `/jobs/${id}`]) {
    expect(mail?.text).toContain(words);
    expect(mail?.html).toContain(words);
  }
  await hub.retry(id, "op");
  await until(
    () => world.deliveries.length,
    (count) => count === 4,
  );
  expect(new Set(world.deliveries.map((sent) => sent.id)).size).toBe(4);
});

test("a payment that is told of after its order was called off is given back, however often and in whatever order", async () => {
  const { world, hub } = await running({ paid: () => false });
  const { id, purchase } = await hub.order(order, "op", { payment });
  await hub.cancel(id, "op");
  await hub.paid(purchase);
  await untilJob(hub, id, isFinished);
  const before = world.takenBack.length;
  await hub.paid(purchase);
  expect(world.takenBack.length).toBe(before + 1);
  expect(new Set(world.takenBack)).toEqual(new Set([purchase]));
  await hub.paid("purchase_nosuch");
});
