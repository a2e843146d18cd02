import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import type { JobView } from "#shared/api/hub.ts";
import { ReconcileView } from "#shared/api/reconcile.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { chosenSeed, createRandom } from "./chaos/random.ts";
import { buyAtLast, emailOf } from "./purchase-deaths/customer.ts";
import { calmDown, goWrong } from "./purchase-deaths/faults.ts";
import { bundleMortalHub } from "./purchase-deaths/mortal-hub.ts";
import { unlessDead } from "./purchase-deaths/unless-dead.ts";
import { untilNone } from "./purchase-deaths/until-none.ts";
import { type DeathWorld, openDeathWorld } from "./purchase-deaths/world.ts";
import { leadsOf, zoneKinds } from "./purchase-deaths/zone.ts";
import { root } from "./whole-way.ts";

/** One for each who answers for the zone, side by side: on machines of two processors or more. */
const WORLDS = zoneKinds.length;
const DEATHS = Number(process.env.DEATHS ?? 200);
const CUSTOMERS = 12;
/** Of what a hub is given to start in, or to work, before it is killed: a machine that is busy at first need not stay so. */
const LONGEST_SPAN_MS = 2_000;
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

    it("end with what was paid for, or with the money back", { timeout: 1_800_000 }, async () => {
      if (contract === undefined) return;
      const worlds = await Promise.all(
        zoneKinds.map((dns, nth) =>
          openDeathWorld({ program, stripeContract: contract, random: createRandom(seed + nth), dns }),
        ),
      );
      const logs = () => worlds.map(({ folder: where }) => tailOf(join(where, "hub.log"))).join("\n\n");
      onTestFailed(() => console.log(logs()));
      try {
        const ends = await Promise.allSettled(
          worlds.map(async (world, nth) => {
            await torment(world, nth);
            await expectAllSettled(world);
          }),
        );
        for (const end of ends) if (end.status === "rejected") throw end.reason;
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
  const { hub, url, stripe, mail, vendors, zone, startMs } = world;
  // Each has numbers of its own, so that one does not depend on how fast another one is.
  const random = (part: number) => createRandom(seed + 1000 * nth + part);
  const [dying, faults, buying] = [random(1), random(2), random(3)];
  const giveUp = new AbortController();
  let isOver = false;
  console.log(`a hub starts in ${startMs} ms`);
  const spanMs = Math.min(startMs, LONGEST_SPAN_MS);

  const open = new Map(Array.from({ length: CUSTOMERS }, (_, index) => [nameOf(index), "not come yet"]));
  const customers = Array.from(open.keys(), async (name, index) => {
    const tell = (what: string) => void open.set(name, what);
    await sleep(buying.between(0, (DEATHS / WORLDS) * spanMs));
    const address = `10.0.${nth}.${index + 1}`;
    await buyAtLast({ hub: url, name, address, hesitates: index % 4 === 0, signal: giveUp.signal, tell });
    tell("called off");
    // Nobody knows how far it is then.
    if (index % 5 === 4) await callOff(world, name, giveUp.signal);
    open.delete(name);
  });
  const trouble = (async () => {
    while (!isOver) {
      await sleep(faults.between(50, 400));
      if (!isOver) goWrong({ vendors, stripe, mail, zone }, faults);
    }
  })();
  for (let death = 1; death <= DEATHS / WORLDS; death += 1) {
    // Half of them die before they are up or about then, half of them when they work: also where that takes longer than it did at first.
    if (dying.isOneIn(2)) await hub.up();
    await sleep(dying.between(0, spanMs));
    await hub.kill();
    if (death === DEATHS / WORLDS) {
      isOver = true;
      await trouble;
      calmDown({ vendors, stripe, mail, zone });
    }
    hub.start();
  }
  await hub.up();
  try {
    await untilNone("customers who want to buy", async () => Array.from(open, ([name, what]) => `${name}: ${what}`));
  } finally {
    giveUp.abort();
    await Promise.all(customers);
  }
  await stripe.webhooks.settled();
}

/** An operator cancels an order, however long it takes to be heard. */
async function callOff(world: DeathWorld, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const jobs = await unlessDead(world.jobs());
    const job = jobs?.find(({ beaconName }) => beaconName === name);
    if (job !== undefined && (job.state === "CANCELLED" || job.state === "COMPLETED")) return;
    if (job !== undefined) await unlessDead(world.operator.post(`/api/jobs/${job.id}/cancel`));
    await sleep(100);
  }
}

const isEnded = ({ state, finishedAt }: JobView) =>
  finishedAt !== undefined && (state === "COMPLETED" || state === "CANCELLED");

/** Does what an operator would, until no job is open. @returns how many he had to take up again */
async function settleJobs({ jobs, operator }: DeathWorld): Promise<number> {
  const tries = new Map<string, number>();
  await untilNone("jobs", async () => {
    const open = (await jobs()).filter((job) => !isEnded(job));
    for (const { id } of open.filter(({ state }) => state === "FAILED")) {
      const tried = tries.get(id) ?? 0;
      tries.set(id, tried + 1);
      await operator.post(`/api/jobs/${id}/${tried < RETRIES ? "retry" : "cancel"}`);
    }
    return open.map(
      ({ beaconName, state, problem, events }) => `${beaconName} ${state} ${events.length} ${problem?.message ?? ""}`,
    );
  });
  return tries.size;
}

/** Everybody's books, beacon by beacon. */
async function readBooks(world: DeathWorld) {
  const { stripe, mail } = world;
  const { subscriptions, invoices } = stripe.world;
  const rented = await world.rented();
  return (await world.jobs()).map(({ beacon, beaconName: name, purchase, state }) => {
    const own = subscriptions.all().filter(({ metadata }) => metadata.purchase === purchase);
    const ids = own.map(({ id }) => id);
    const bills = invoices.all().filter(({ parent }) => ids.includes(parent?.subscription_details?.subscription ?? ""));
    const servers = rented.filter(({ labels }) => labels["wopr-beacon"] === beacon);
    const mails = mail.arrived.filter(({ to }) => to.includes(emailOf(name)));
    return {
      name,
      state,
      servers: servers.length,
      addresses: servers.flatMap(({ address, address6 }) => [address, address6].filter((one) => one !== undefined)),
      welcomes: mails.filter(({ attachments }) => attachments.length > 0).length,
      subjects: mails.map(({ subject }) => subject),
      subscriptions: own.map(({ status }) => status),
      cents: bills.reduce((sum, { amount_paid: paid }) => sum + paid, 0),
    };
  });
}

/** Has the hub compare once what everybody has, and then looks at everybody's books. */
async function expectAllSettled(world: DeathWorld): Promise<void> {
  const { operator, stripe, mail, machines, vendors, zone } = world;
  await world.reopenVendors();
  const retried = await settleJobs(world);
  await stripe.webhooks.settled();
  const { findings, fixed } = ReconcileView.parse((await operator.post("/api/reconcile", { fix: true })).body);
  expect(findings).toEqual([]);

  const books = await readBooks(world);
  expect(books.map(({ name }) => name).sort()).toEqual(Array.from({ length: CUSTOMERS }, (_, n) => nameOf(n)).sort());
  const delivered = books.filter(({ state }) => state === "COMPLETED");
  const calledOff = books.filter(({ state }) => state !== "COMPLETED");
  console.log(
    `${delivered.length} delivered, ${calledOff.length} given back; ${retried} taken up again by the operator, ${fixed.length} put right by comparing`,
  );
  for (const book of delivered)
    expect(book).toMatchObject({ servers: 1, welcomes: 1, subscriptions: ["active"], cents: 899 });
  for (const book of calledOff)
    expect(book).toMatchObject({ state: "CANCELLED", servers: 0, subscriptions: ["canceled"], cents: 899 });
  for (const { subjects } of books) expect(subjects).toEqual([...new Set(subjects)]);
  expect(calledOff.length).toBeLessThan(CUSTOMERS / 2);

  // No charge, refund, customer, server or name beside those.
  const { paymentIntents, refunds, customers } = stripe.world;
  expect(paymentIntents.all()).toHaveLength(CUSTOMERS);
  expect(refunds.all().map(({ amount }) => amount)).toEqual(calledOff.map(() => 899));
  expect(customers.all()).toHaveLength(CUSTOMERS);
  expect(await world.rented()).toHaveLength(delivered.length);
  const leads = delivered.flatMap(({ name, addresses }) => leadsOf(name, addresses));
  expect((await zone.leads()).sort()).toEqual(leads.sort());
  expect(machines.twice).toEqual([]);
  for (const simulator of [stripe, mail, zone.simulator, ...vendors]) expect(simulator.violations).toEqual([]);
}

const tailOf = (file: string) => readFileSync(file, "utf8").split("\n").slice(-25).join("\n");
