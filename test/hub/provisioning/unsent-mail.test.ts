import { describe, expect, test } from "vitest";
import type { Provisioning } from "#hub/provisioning/provisioning.ts";
import { readBooked } from "#hub/store/booked.ts";
import { createPaymentStore } from "#hub/store/payments.ts";
import { Problem } from "#shared/problem.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, until, untilJob } from "./until.ts";
import type { World } from "./world.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: [] };
const payment = { prices: ["bundle_starter_t1"], trialDays: undefined };
const refusal = new Problem("mail_refused", "550 no such user");
const DAY_MS = 24 * 3_600_000;
const running = runningWorlds();

/** An order whose beacon serves, and whose mail nobody takes. */
async function servedWithoutMail(silenceMs: number) {
  let isRefused = true;
  const { world, hub } = await running({ silenceMs, mailProblem: () => (isRefused ? refusal : undefined) });
  const { id, purchase } = await hub.order(order, "op", { payment });
  await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the mail server: 550 no such user");
  const takeMails = () => {
    isRefused = false;
  };
  return { world, hub, id, purchase, takeMails };
}

const isServing = (world: World) => [world.vpss.size, world.names.size, world.takenBack.length].join() === "1,1,0";

/** As if it had been paid for so long ago. */
async function callOffAfter(
  days: number,
  { world, hub, purchase }: { world: World; hub: Provisioning; purchase: string },
) {
  const paid = { subscription: "sub_1", customer: "cus_1", at: Date.now() - days * DAY_MS };
  await createPaymentStore(world.db).markPaid(purchase, paid);
  await hub.callOffOverdue();
}

describe("a beacon that serves and whose welcome mail nobody takes", () => {
  test("is not called off, however late its mail is, nor is one that has failed for that in former days", async () => {
    const served = await servedWithoutMail(60_000);
    const { world, hub, id } = served;
    await callOffAfter(2, served);
    expect(await hub.job(id)).toMatchObject({ state: "SENDING_WELCOME" });
    const failed = { state: "FAILED", stopped_in: "SENDING_WELCOME", finished_at: Date.now() } as const;
    await world.db.updateTable("job").set(failed).execute();
    await hub.callOffOverdue();
    expect(await hub.job(id)).toMatchObject({ state: "FAILED" });
    expect(isServing(world)).toBe(true);
    expect(await world.db.selectFrom("mail").select("subject").execute()).toHaveLength(1);
  });

  test("is delivered, says what is missing, and is found by who compares the books", async () => {
    const served = await servedWithoutMail(500);
    const { world, hub, id } = served;
    const job = await untilJob(hub, id, isFinished);
    expect(job).toMatchObject({ state: "COMPLETED", problem: { code: "mail_refused" } });
    expect(job.events.at(-1)).toMatchObject({
      state: "COMPLETED",
      message: "The beacon is up. The welcome mail to ada@example.org has not gone out yet: 550 no such user.",
    });
    await callOffAfter(2, served);
    expect(isServing(world)).toBe(true);
    const { mails } = await readBooked(world.db);
    expect(mails).toEqual([
      { recipient: "ada@example.org", count: 1, subject: "Your beacon ada is ready", since: expect.any(Number) },
    ]);
  });

  test("gets it when the operator has it sent again, once, also after it was given up", async () => {
    const { world, hub, id, takeMails } = await servedWithoutMail(500);
    await untilJob(hub, id, isFinished);
    takeMails();
    await world.db
      .updateTable("mail")
      .set({ created_at: Date.now() - 6 * DAY_MS })
      .execute();
    const again = await hub.retry(id, "op@example.org");
    expect(again.events.at(-1)?.message).toBe("The welcome mail was sent again by op@example.org.");
    await until(
      () => world.deliveries.length,
      (count) => count === 1,
    );
    // Nothing is missing any more, and so there is nothing to try again.
    const job = await untilJob(hub, id, ({ problem }) => problem === undefined);
    expect(job).toMatchObject({ state: "COMPLETED" });
    await expect(hub.retry(id, "op@example.org")).rejects.toMatchObject({ code: "conflict" });
    expect((await readBooked(world.db)).mails).toEqual([]);
    const actions = await world.db.selectFrom("audit").select("action").orderBy("id").execute();
    expect(actions.map(({ action }) => action)).toEqual(["job.order", "job.complete", "job.retry"]);
    expect(world.count.created).toBe(1);
  });

  test("gets it by itself once the mail server takes it", async () => {
    const { world, hub, id, takeMails } = await servedWithoutMail(500);
    await untilJob(hub, id, isFinished);
    takeMails();
    const job = await untilJob(hub, id, ({ problem }) => problem === undefined);
    expect(job.state).toBe("COMPLETED");
    expect(world.deliveries.map(({ to }) => to)).toEqual(["ada@example.org"]);
  });
});
