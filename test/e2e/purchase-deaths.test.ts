import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { until } from "#scripts/demo/stage.ts";
import type { JobView } from "#shared/api/hub.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { chosenSeed, createRandom } from "./chaos/random.ts";
import { buyAtLast, emailOf } from "./purchase-deaths/customer.ts";
import { calmDown, goWrong } from "./purchase-deaths/faults.ts";
import { bundleMortalHub } from "./purchase-deaths/mortal-hub.ts";
import { type DeathWorld, openDeathWorld } from "./purchase-deaths/world.ts";
import { root } from "./whole-way.ts";

/** Side by side, on machines of two processors or more. */
const WORLDS = 2;
const DEATHS = Number(process.env.DEATHS ?? 200);
const CUSTOMERS = 12;
/** One that is not delivered after so many tries by the operator is given up, and has to be given back. */
const RETRIES = 3;

const seed = chosenSeed(process.env);

describe.skipIf(!hasContracts())(
  hasContracts() ? "purchases at a hub that is killed again and again" : NO_CONTRACTS,
  () => {
    let folder: string;
    let program: string;
    beforeAll(async () => {
      console.log(`SEED=${seed}`);
      folder = mkdtempSync(join(root, ".wopr", "deaths-hub-"));
      program = await bundleMortalHub(folder);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const contract = hasContracts() ? stripeContract() : undefined;

    it("end with what was paid for, or with the money back", { timeout: 900_000 }, async () => {
      if (contract === undefined) return;
      const worlds = await Promise.all(
        Array.from({ length: WORLDS }, (_, nth) =>
          openDeathWorld({ program, stripeContract: contract, random: createRandom(seed + nth) }),
        ),
      );
      const logs = () => worlds.map(({ folder: where }) => tailOf(join(where, "hub.log"))).join("\n\n");
      onTestFailed(() => console.log(logs()));
      try {
        await Promise.all(
          worlds.map(async (world, nth) => {
            await torment(world, nth);
            await expectAllSettled(world);
          }),
        );
      } finally {
        for (const world of worlds) await world.stop();
      }
      for (const world of worlds) world.remove();
    });
  },
);

const nameOf = (nth: number) => `beacon-${nth}`;

/** Customers buy, things go wrong, some orders are called off, and the hub dies all the while. */
async function torment(world: DeathWorld, nth: number): Promise<void> {
  const { hub, url, stripe, mail, vendors, operator } = world;
  // Each has numbers of its own, so that one does not depend on how fast another one is.
  const [dying, faults, buying] = [1, 2, 3].map((part) => createRandom(seed + 1000 * nth + part));
  if (dying === undefined || faults === undefined || buying === undefined) return;
  const giveUp = new AbortController();
  let isOver = false;
  console.log(`a hub starts in ${world.startMs} ms`);

  const open = new Map<string, string>();
  const customers = Array.from({ length: CUSTOMERS }, async (_, index) => {
    const name = nameOf(index);
    open.set(name, "not come yet");
    await sleep(buying.between(0, (DEATHS / WORLDS) * world.startMs));
    const address = `10.0.${nth}.${index + 1}`;
    const tell = (what: string) => void open.set(name, what);
    await buyAtLast({ hub: url, name, address, hesitates: index % 4 === 0, signal: giveUp.signal, tell });
    tell("called off");
    // Nobody knows how far it is then.
    if (index % 5 === 4) await callOff(world, name, giveUp.signal);
    open.delete(name);
  });
  const trouble = (async () => {
    while (!isOver) {
      await sleep(faults.between(50, 400));
      if (!isOver) goWrong({ vendors, stripe, mail }, faults);
    }
  })();
  for (let death = 0; death < DEATHS / WORLDS; death += 1) {
    // Some die before they are up.
    await sleep(dying.between(0, 2 * world.startMs));
    await hub.kill();
    hub.start();
  }
  isOver = true;
  await trouble;
  calmDown({ vendors, stripe, mail });
  await hub.up();
  setTimeout(() => giveUp.abort(), 30_000).unref();
  await Promise.race([Promise.all(customers), once(giveUp.signal, "abort")]);
  expect(Object.fromEntries(open)).toEqual({});
  await stripe.webhooks.settled();
  expect((await operator.get("/api/me")).status).toBe(200);
}

/** An operator cancels an order, however long it takes to be heard. */
async function callOff(world: DeathWorld, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const jobs = await world.jobs().catch(() => []);
    const job = jobs.find(({ beaconName }) => beaconName === name);
    if (job !== undefined && (job.state === "CANCELLED" || job.state === "COMPLETED")) return;
    if (job !== undefined) await world.operator.post(`/api/jobs/${job.id}/cancel`).catch(() => undefined);
    await sleep(100);
  }
}

const isEnded = ({ state, finishedAt }: JobView) =>
  finishedAt !== undefined && (state === "COMPLETED" || state === "CANCELLED");

/** Does what an operator would, until nothing is open, and then looks at everybody's books. */
async function expectAllSettled(world: DeathWorld): Promise<void> {
  const { operator, stripe, mail, machines } = world;
  await world.reopenVendors();
  const tries = new Map<string, number>();
  let open: JobView[] = [];
  await until("the end of all jobs", 120_000, async () => {
    open = (await world.jobs()).filter((job) => !isEnded(job));
    for (const { id, state } of open.filter((job) => job.state === "FAILED")) {
      const tried = tries.get(id) ?? 0;
      tries.set(id, tried + 1);
      await operator.post(`/api/jobs/${id}/${tried < RETRIES ? "retry" : "cancel"}`);
      expect(state).toBe("FAILED");
    }
    return open.length === 0 || undefined;
  }).catch((cause) => {
    throw new Error(JSON.stringify(open, null, 1), { cause });
  });
  await stripe.webhooks.settled();
  const jobs = await world.jobs();
  const { subscriptions, invoices, paymentIntents, refunds, customers } = stripe.world;
  const paidBy = (purchase: string) => {
    const own = subscriptions.all().filter(({ metadata }) => metadata.purchase === purchase);
    const ids = own.map(({ id }) => id);
    const bills = invoices.all().filter(({ parent }) => ids.includes(parent?.subscription_details?.subscription ?? ""));
    return { own, cents: bills.reduce((sum, { amount_paid: paid }) => sum + paid, 0) };
  };
  const rented = await world.rented();
  const books = jobs.map((job) => ({
    name: job.beaconName,
    state: job.state,
    servers: rented.filter(({ labels }) => labels["wopr-beacon"] === job.beacon).length,
    welcomes: mail.arrived.filter(
      ({ to, attachments }) => to.includes(emailOf(job.beaconName)) && attachments.length > 0,
    ).length,
    subscriptions: paidBy(job.purchase).own.map(({ status }) => status),
    cents: paidBy(job.purchase).cents,
  }));
  const delivered = { servers: 1, welcomes: 1, subscriptions: ["active"], cents: 899 };
  for (const book of books) {
    if (book.state === "COMPLETED") expect(book).toMatchObject(delivered);
    else expect(book).toMatchObject({ state: "CANCELLED", servers: 0, subscriptions: ["canceled"], cents: 899 });
  }
  expect(books.map(({ name }) => name).sort()).toEqual(Array.from({ length: CUSTOMERS }, (_, n) => nameOf(n)).sort());
  const cancelled = books.filter(({ state }) => state === "CANCELLED").length;
  console.log(
    `${books.length - cancelled} delivered, ${cancelled} given back; by the operator tried again: ${tries.size}`,
  );
  expect(cancelled).toBeLessThan(CUSTOMERS / 2);
  // No charge, refund, customer or server beside those.
  expect(paymentIntents.all()).toHaveLength(CUSTOMERS);
  expect(refunds.all().map(({ amount }) => amount)).toEqual(Array.from({ length: cancelled }, () => 899));
  expect(customers.all()).toHaveLength(CUSTOMERS);
  expect(rented).toHaveLength(CUSTOMERS - cancelled);
  expect(machines.twice).toEqual([]);
  for (const simulator of [stripe, mail, ...world.vendors]) expect(simulator.violations).toEqual([]);
}

const tailOf = (file: string) => readFileSync(file, "utf8").split("\n").slice(-25).join("\n");
