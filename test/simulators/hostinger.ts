import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { type Description, openContract } from "./contract.ts";
import { describeFailures } from "./describe-failures.ts";
import { dataCenters, items, templates } from "./hostinger/catalog.ts";
import {
  addressOf,
  dateOf,
  type HostingerMachine,
  type HostingerSubscription,
  machineView,
  subscriptionView,
} from "./hostinger/machine.ts";
import { fail, invalid } from "./hostinger/refusals.ts";
import { type HostingerScript, scriptProblem, serveScripts } from "./hostinger/scripts.ts";
import type { SimulatedVendor, VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";

const CREATE_MS = 40_000;
const POWER_MS = 15_000;
const MONTH_MS = 30 * 86_400_000;

/** What may become of an order other than what one hopes for. Each of them takes the money. */
export type Mishap =
  /** The machine is bought, and stays `initial` under the vendor's name for it. */
  | { readonly kind: "setup fails" }
  /** The payment takes so long; the machine is there, and set up, only then. */
  | { readonly kind: "pays later"; readonly ms: number };

/** Hostinger's, which can go wrong in ways of its own. */
export interface SimulatedHostinger extends SimulatedVendor {
  /** Happen to the next orders, in order. */
  readonly mishaps: Mishap[];
  /** Machines ever bought. */
  bought(): number;
  /** As an owner may leave it: bought, and not set up. */
  buyByHand(): string;
  /** Names of the scripts that are kept. */
  scriptNames(): string[];
  hostnameOf(id: string): string | undefined;
}

const TOKEN = "hostinger-token-of-the-hub";

const Setup = z.object({
  template_id: z.number(),
  data_center_id: z.number(),
  post_install_script_id: z.number().optional(),
  hostname: z.string().optional(),
});
type Setup = z.output<typeof Setup>;
const FQDN = /^([a-z0-9-]+\.)+[a-z]{2,}$/i;

/** Hostinger, https://developers.hostinger.com: an order is a purchase for a month, and there is no way to delete what was bought. */
export async function startHostinger(habits: VendorHabits = {}): Promise<SimulatedHostinger> {
  const clock = createClock();
  const machines = new Map<number, HostingerMachine>();
  const subscriptions = new Map<string, HostingerSubscription>();
  const scripts = new Map<number, HostingerScript>();
  const mishaps: Mishap[] = [];
  let soldOut = false;
  let most = Number.POSITIVE_INFINITY;
  let ever = 0;

  const settle = (machine: HostingerMachine) => {
    const due = machine.next;
    if (due !== undefined && clock.now() >= due.at) {
      machine.state = due.state;
      machine.next = undefined;
    }
    const subscription = subscriptions.get(machine.subscriptionId);
    if (subscription?.renewed === false && clock.now() >= subscription.expiresAt) machines.delete(machine.id);
    return machine;
  };
  const there = () =>
    [...machines.values()].map(settle).filter(({ id, appearsAt }) => machines.has(id) && clock.now() >= appearsAt);
  const find = (c: Context) => there().find(({ id }) => id === Number(c.req.param("id")));

  const shown = (machine: HostingerMachine) => {
    const address = addressOf(machine);
    return machineView(machine, habits.tellsAddress?.(String(machine.id), address) ?? address);
  };
  const buy = (itemId: string, waitMs: number): HostingerMachine => {
    const item = items.find(({ prices }) => prices.some(({ id }) => id === itemId));
    const { cpus, memory, disk_space } = item?.metadata ?? { cpus: "1", memory: "4096", disk_space: "51200" };
    const [id, at, subscriptionId] = [17_000 + ever, clock.now(), `Azz${randomUUID().slice(0, 13)}`];
    const price = item?.prices.find((one) => one.id === itemId)?.price ?? 0;
    const name = item?.name ?? "KVM 1";
    const times = { createdAt: at, expiresAt: at + MONTH_MS };
    subscriptions.set(subscriptionId, { id: subscriptionId, name, price, ...times, renewed: true });
    const machine: HostingerMachine = {
      ...{ id, subscriptionId, plan: name, cpus: Number(cpus), memory: Number(memory), disk: Number(disk_space) },
      ...{ createdAt: at, appearsAt: at + waitMs, hostname: `srv${id}.hstgr.cloud`, state: "initial" },
      ...{ dataCenterId: null, templateId: null, script: undefined, next: undefined },
    };
    ever += 1;
    machines.set(id, machine);
    return machine;
  };
  const setUp = (machine: HostingerMachine, setup: Setup) => {
    machine.hostname = setup.hostname ?? machine.hostname;
    machine.dataCenterId = setup.data_center_id;
    machine.templateId = setup.template_id;
    machine.script = scripts.get(setup.post_install_script_id ?? 0)?.content;
    machine.state = "creating";
    const bootMs = Math.max(0, machine.appearsAt - clock.now()) + CREATE_MS + (habits.extraBootMs?.() ?? 0);
    machine.next = { at: clock.now() + bootMs, state: "running" };
    const boot = { id: String(machine.id), userData: machine.script ?? "", address: addressOf(machine) };
    clock.after(bootMs, () => habits.onFirstBoot?.(boot));
  };
  const renewed = () => [...subscriptions.values()].filter((subscription) => subscription.renewed).length;
  /** What is wrong with a setup, by field. */
  const wrongIn = (setup: Setup): Record<string, string[]> => ({
    ...(templates.some(({ id }) => id === setup.template_id) ? {} : { template_id: ["The template is invalid."] }),
    ...(dataCenters.some(({ id }) => id === setup.data_center_id) ? {} : { data_center_id: ["It is invalid."] }),
    ...(setup.hostname === undefined || FQDN.test(setup.hostname) ? {} : { hostname: ["It is no domain name."] }),
    ...(setup.post_install_script_id === undefined || scripts.has(setup.post_install_script_id)
      ? {}
      : { post_install_script_id: ["The script does not exist."] }),
  });

  const app = new Hono().basePath("/api");
  app.use(async (c, next) =>
    c.req.header("authorization") === `Bearer ${TOKEN}` ? next() : fail(c, 401, "Unauthenticated."),
  );
  app.get("/billing/v1/catalog", (c) => {
    const category = c.req.query("category");
    return c.json(items.filter((item) => category === undefined || item.category === category));
  });
  app.get("/billing/v1/subscriptions", (c) => c.json([...subscriptions.values()].map(subscriptionView)));
  app.delete("/billing/v1/subscriptions/:id/auto-renewal/disable", (c) => {
    const subscription = subscriptions.get(c.req.param("id"));
    if (subscription === undefined) return fail(c, 404, "[Billing:1] Not found");
    subscription.renewed = false;
    return c.json(subscriptionView(subscription));
  });
  app.get("/vps/v1/data-centers", (c) => c.json(dataCenters));
  app.get("/vps/v1/templates", (c) => c.json(templates));

  serveScripts(app.basePath("/vps/v1/post-install-scripts"), scripts, clock.now);

  app.get("/vps/v1/virtual-machines", (c) => c.json(there().map(shown)));
  app.post("/vps/v1/virtual-machines", async (c) => {
    const { item_id, setup } = z.object({ item_id: z.string(), setup: Setup }).parse(await c.req.json());
    const isSold = items.some(({ prices }) => prices.some(({ id }) => id === item_id));
    const wrong = { ...(isSold ? {} : { item_id: ["The item is invalid."] }), ...wrongIn(setup) };
    if (Object.keys(wrong).length > 0) return invalid(c, wrong);
    if (soldOut) return invalid(c, { "setup.data_center_id": ["There is no room left in this data center."] });
    if (renewed() >= most) return c.json({ order: { id: 1, status: "failed", created_at: dateOf(clock.now()) } });
    const mishap = mishaps.shift();
    const machine = buy(item_id, mishap?.kind === "pays later" ? mishap.ms : 0);
    if (mishap?.kind !== "setup fails") setUp(machine, setup);
    const subscription = subscriptions.get(machine.subscriptionId);
    const order = {
      ...{ id: machine.id, subscription_id: machine.subscriptionId, currency: "USD" },
      ...{ subtotal: subscription?.price ?? 0, total: subscription?.price ?? 0, created_at: dateOf(clock.now()) },
    };
    if (mishap?.kind === "pays later") return c.json({ order: { ...order, status: "payment_initiated" } });
    return c.json({ order: { ...order, status: "completed" }, virtual_machine: shown(machine) });
  });
  app.get("/vps/v1/virtual-machines/:id", (c) => {
    const machine = find(c);
    return machine === undefined ? missing(c) : c.json(shown(machine));
  });
  app.post("/vps/v1/virtual-machines/:id/setup", async (c) => {
    const setup = Setup.parse(await c.req.json());
    const machine = find(c);
    if (machine === undefined) return missing(c);
    if (machine.state !== "initial") return invalid(c, { state: ["The virtual machine is set up already."] });
    const wrong = wrongIn(setup);
    if (Object.keys(wrong).length > 0) return invalid(c, wrong);
    setUp(machine, setup);
    return c.json(shown(machine));
  });
  app.put("/vps/v1/virtual-machines/:id/hostname", async (c) => {
    const { hostname } = z.object({ hostname: z.string() }).parse(await c.req.json());
    const machine = find(c);
    if (machine === undefined) return missing(c);
    if (!FQDN.test(hostname)) return invalid(c, { hostname: ["It is no domain name."] });
    machine.hostname = hostname;
    return c.json(actionOf("set_hostname", clock.now()));
  });
  const power = (c: Context, name: "start" | "stop") => {
    const machine = find(c);
    if (machine === undefined) return missing(c);
    if (machine.next !== undefined || machine.state === "initial") return fail(c, 409, "Actions are locked");
    const [state, last] = name === "start" ? (["starting", "running"] as const) : (["stopping", "stopped"] as const);
    machine.state = state;
    machine.next = { at: clock.now() + POWER_MS, state: last };
    return c.json(actionOf(`ct_${name}`, clock.now()));
  };
  app.post("/vps/v1/virtual-machines/:id/start", (c) => power(c, "start"));
  app.post("/vps/v1/virtual-machines/:id/stop", (c) => power(c, "stop"));

  const simulator = await startSimulator({ contract: openContract("hostinger", mend), app });
  const seen = (id: string) => there().find((machine) => machine.id === Number(id));
  const subscriptionOf = (id: string) => subscriptions.get(seen(id)?.subscriptionId ?? "");
  return Object.assign(simulator, {
    clock,
    credentials: { token: TOKEN },
    creating: /^POST \/api\/vps\/v1\/virtual-machines$/,
    firstBootOf: (id: string) => {
      const userData = seen(id)?.script;
      return userData === undefined ? undefined : { userData, outcome: scriptProblem(userData) ?? "fine" };
    },
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = renewed() + vpss;
    },
    rentByHand: () => {
      const machine = buy("hostingercom-vps-kvm1-usd-1m", 0);
      machine.state = "running";
      return String(machine.id);
    },
    has: (id: string) => seen(id) !== undefined,
    endsAt: (id: string) => {
      const subscription = subscriptionOf(id);
      return subscription?.renewed === false ? subscription.expiresAt : undefined;
    },
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds) },
      body: { message: "Too Many Attempts.", correlation_id: "0f6f1c8a" },
    }),
    mishaps,
    bought: () => ever,
    buyByHand: () => String(buy("hostingercom-vps-kvm1-usd-1m", 0).id),
    scriptNames: () => [...scripts.values()].map(({ name }) => name),
    hostnameOf: (id: string) => seen(id)?.hostname,
  });
}

const missing = (c: Context) => fail(c, 404, "[VPS:2000] Virtual machine not found");

const actionOf = (name: string, now: number) => ({
  ...{ id: 8_123_712, name, state: "sent", created_at: dateOf(now), updated_at: dateOf(now) },
});

/** Only 401, 422 and 500 are described; what is not there, or busy, is answered in the same form. */
const mend = (description: Description) =>
  describeFailures(description, { $ref: "#/components/responses/Common.Response.ErrorResponse" });
