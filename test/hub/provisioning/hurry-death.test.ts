import { expect, test } from "vitest";
import type { Sale } from "#hub/store/purchases.ts";
import { jobStates } from "#shared/api/hub.ts";
import type { Death } from "./mortal.ts";
import { isFinished, untilJob } from "./until.ts";
import { createWorld } from "./world.ts";

const HOUR_MS = 3_600_000;
const SIDE_BY_SIDE = 12;
const order = { email: "ada@example.org", beacon: "ada", modules: [] };

/** Has an order paid for at a hub that dies as told, and lets the next one finish. */
async function payAndDie({ death, isToldAgain }: { readonly death?: Death; readonly isToldAgain: boolean }) {
  let isPaid = false;
  const world = await createWorld({ paid: () => isPaid });
  const shop = world.boot();
  shop.start();
  const sale: Sale = {
    ...{ bundle: "tiny", tier: "t1", server: "t1", addOns: [], storageGb: 50, currency: "usd", awaits: "payment" },
    ...{ lines: [], expiresAt: Date.now() + HOUR_MS, cart: "0".repeat(64) },
  };
  const { id, purchase } = await shop.provisioning.order(order, order.email, { sale });
  await untilJob(shop.provisioning, id, ({ waitingFor }) => waitingFor === "the payment");
  await shop.stop();

  isPaid = true;
  const first = world.boot(death);
  first.start();
  // What it is told never returns from a dead hub.
  const told = first.provisioning.paid(purchase);
  if (death === undefined) await told;
  else await Promise.race([first.died, untilJob(first.provisioning, id, isFinished)]);
  const last = death === undefined ? first : world.boot();
  if (death !== undefined) {
    void first.stop();
    last.start();
    if (isToldAgain) await last.provisioning.paid(purchase);
  }
  const job = await untilJob(last.provisioning, id, isFinished);
  const calls = [...first.calls];
  await last.stop();
  return {
    calls,
    errors: world.errors,
    seen: {
      state: job.state,
      entered: job.events.filter(({ durationMs }) => durationMs !== undefined).map(({ state }) => state),
      created: world.count.created,
      vpss: world.vpss.size,
      beacons: (await world.beacons.list()).length,
      mails: new Set(world.deliveries.map((mail) => mail.id)).size,
    },
  };
}

const wanted = { state: "COMPLETED", entered: jobStates.slice(1), created: 1, vpss: 1, beacons: 1, mails: 1 };

test("an order that goes first is made once, whenever the hub is killed that hurries", async () => {
  const alive = await payAndDie({ isToldAgain: false });
  expect(alive.seen).toEqual(wanted);
  expect(alive.errors).toEqual([]);
  const hurried = alive.calls.slice(0, alive.calls.indexOf("provider.create") + 1);
  expect(hurried[0]).toBe("jobs.wake");
  expect(hurried).toEqual(expect.arrayContaining(["jobs.change", "beacons.insert", "enrolments.issue"]));

  const deaths = hurried.flatMap((call, index) => {
    const nth = hurried.slice(0, index + 1).filter((one) => one === call).length;
    return [{ call, nth, when: "before" } as const, { call, nth, when: "after" } as const];
  });
  const different: Record<string, unknown> = {};
  for (let from = 0; from < deaths.length; from += SIDE_BY_SIDE) {
    await Promise.all(
      deaths.slice(from, from + SIDE_BY_SIDE).map(async (death) => {
        const { seen, errors } = await payAndDie({ death, isToldAgain: true });
        const name = `${death.when} call ${death.nth} of ${death.call}`;
        if (JSON.stringify(seen) !== JSON.stringify(wanted)) different[name] = seen;
        if (errors.length > 0) different[`${name}: errors`] = errors;
      }),
    );
  }
  expect(different).toEqual({});
});

test("what was hurried for goes on at the next hub at once, though nobody tells it again", async () => {
  const death = { call: "jobs.change", nth: 1, when: "before" } as const;
  const since = performance.now();
  expect((await payAndDie({ death, isToldAgain: false })).seen).toEqual(wanted);
  // One that waits for its payment is looked at once a minute otherwise.
  expect(performance.now() - since).toBeLessThan(30_000);
});
