import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { until } from "#scripts/demo/stage.ts";
import { WEBHOOK_SECRET } from "#test/hub/billing/shop.ts";
import { createBuyer } from "#test/hub/site/buyer.ts";
import { CARDS } from "#test/simulators/stripe/cards.ts";
import type { StripeEvent } from "#test/simulators/stripe/objects.ts";
import { NO_DESCRIPTION } from "#test/simulators/stripe/stripe.ts";
import { signatureOf } from "#test/simulators/stripe/webhooks.ts";
import { bundleMortalHub } from "../e2e/purchase-deaths/mortal-hub.ts";
import { type DeathWorld, openDeathWorld } from "../e2e/purchase-deaths/world.ts";
import { root } from "../e2e/whole-way.ts";
import { FLEET_CORE, HUB_CORE, pin } from "./fleet.ts";
import { readProcessCost } from "./process-cost.ts";
import type { Row } from "./table.ts";

/** A hub that has sold before: its code is compiled. */
const BEFORE = 50;
const AT_ONCE = 50;
const ROUNDS = 3;
const AIM_MS = 250;

/** Nothing goes wrong, and nobody waits longer than usual. */
const nothingUnusual = Object.assign(() => 0.5, { between: (from: number) => from, isOneIn: () => false });

/**
 * From the webhook that says that an order is paid to the request that has a vendor make its server, for fifty at once, three times; and
 * what a purchase costs the hub in all. The hub has one core. Stripe, three vendors, a mailer and the agents are simulated in one process
 * on the other one, whose work is in the times; they hold nothing against the vendors' descriptions.
 * @param nodeOptions With which the hub is run, to profile it for example.
 */
export async function benchPurchases(nodeOptions: readonly string[] = []): Promise<Row[]> {
  const folder = mkdtempSync(join(root, ".wopr", "bench-hub-"));
  const program = await bundleMortalHub(folder);
  const measured = { nodeOptions };
  const world = await openDeathWorld({ program, stripeContract: NO_DESCRIPTION, random: nothingUnusual, measured });
  await pin(world.hub, HUB_CORE);
  await pin(process, FLEET_CORE);
  try {
    await sell(world, 0, BEFORE);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await sell(world, BEFORE + round * AT_ONCE, AT_ONCE));
    const load = loadavg()[0]?.toFixed(1);
    const what = `${AT_ONCE} orders paid at once, webhook to the provider's create call (${cpus().length} processors, load ${load})`;
    const p95 = rounds.map(({ latenciesMs }) => quantile(latenciesMs, 0.95));
    return [
      row(`${what}, p50`, inEach(rounds.map(({ latenciesMs }) => quantile(latenciesMs, 0.5)))),
      { what: "the same, p95", ours: inEach(p95), peer: `aim: ${AIM_MS} ms`, ratio: median(p95) / AIM_MS },
      row(
        "hub's CPU time a purchase, until then",
        inEach(
          rounds.map(({ toCreateMs }) => toCreateMs / AT_ONCE),
          1,
        ),
      ),
      row(
        "hub's CPU time a purchase, from its payment to its welcome mail",
        inEach(
          rounds.map(({ cpuMs }) => cpuMs / AT_ONCE),
          1,
        ),
      ),
    ];
  } finally {
    await world.stop();
    world.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const row = (what: string, ours: string): Row => ({ what, ours, peer: "", ratio: undefined });

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

const median = (values: readonly number[]) => quantile(values, 0.5);

/** The rounds one by one: on a machine with other work they differ. */
const inEach = (valuesMs: readonly number[], digits = 0) =>
  `${valuesMs.map((value) => value.toFixed(digits)).join(", ")} ms`;

const nameOf = (nth: number) => `beacon-${nth}`;

/** Has so many customers order and pay, tells the hub of all of them at the same moment, and waits until all are delivered. */
async function sell(world: DeathWorld, from: number, count: number) {
  const { stripe, url, vendors, hub } = world;
  const names = Array.from({ length: count }, (_, index) => nameOf(from + index));
  stripe.webhooks.behave({ lose: () => true });
  const known = new Set(stripe.world.events.all().map(({ id }) => id));
  for (const [index, name] of names.entries()) {
    const buyer = createBuyer(url, { "x-forwarded-for": `10.1.${from}.${index + 1}` });
    const form = { bundle: "vault", tier: "t1", name, email: `${name}@example.org`, storage: "" };
    const { location } = await buyer.post("/order", form);
    await fetch(location, { method: "POST", redirect: "manual", body: new URLSearchParams({ card: CARDS.good }) });
  }
  stripe.webhooks.behave({});
  const fresh = stripe.world.events.all().filter(({ id }) => !known.has(id));
  const paid = fresh.filter(({ type }) => type === "checkout.session.completed");
  const jobs = (await world.jobs()).filter(({ beaconName }) => names.includes(beaconName));
  const cpuBefore = (await readProcessCost(hub.pid)).cpuMs;

  const sentAt = new Map<string, number>();
  const answers = await Promise.all(paid.map((event) => send(`${url}/api/webhooks/stripe`, event, sentAt)));
  if (answers.some((status) => status !== 200)) throw new Error(`webhooks were answered with ${answers.join(", ")}`);

  // The label of a server is the beacon's id, which is known once its job has one.
  const orders = () => vendors.flatMap(({ requests, creating }) => requests.filter((one) => isCreate(one, creating)));
  await until("all create calls", 60_000, async () => orders().length >= from + count || undefined);
  const toCreateMs = (await readProcessCost(hub.pid)).cpuMs - cpuBefore;
  for (const event of fresh) if (!paid.includes(event)) await send(`${url}/api/webhooks/stripe`, event, new Map());
  // The hub is asked for nothing meanwhile: that would be work of its own.
  const welcomes = () => world.mail.arrived.filter(({ attachments }) => attachments.length > 0).length;
  await until("all welcome mails", 120_000, async () => welcomes() >= from + count || undefined);
  const cpuMs = (await readProcessCost(hub.pid)).cpuMs - cpuBefore;
  const delivered = (await world.jobs()).filter(({ id }) => jobs.some((job) => job.id === id));
  const latenciesMs = delivered.map(({ beacon = "", purchase }) => {
    const created = orders().find(({ body }) => JSON.stringify(body).includes(beacon));
    return (created?.at ?? Number.NaN) - (sentAt.get(purchase) ?? Number.NaN);
  });
  if (latenciesMs.some(Number.isNaN)) throw new Error("a server was made that nobody paid for, or the other way round");
  return { latenciesMs, toCreateMs, cpuMs };
}

const isCreate = ({ method, path }: { readonly method: string; readonly path: string }, creating: RegExp) =>
  creating.test(`${method} ${path}`);

/** @param sentAt Gets when, by purchase. */
async function send(url: string, event: StripeEvent, sentAt: Map<string, number>): Promise<number> {
  const payload = JSON.stringify(event);
  const headers = {
    "content-type": "application/json",
    "stripe-signature": signatureOf(payload, Math.floor(Date.now() / 1000), [WEBHOOK_SECRET]),
  };
  const purchase = /"client_reference_id":"([^"]+)"/.exec(payload)?.[1];
  if (purchase !== undefined) sentAt.set(purchase, performance.now());
  const response = await fetch(url, { method: "POST", headers, body: payload });
  await response.arrayBuffer();
  return response.status;
}
