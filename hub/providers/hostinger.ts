import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import {
  DataCenter,
  hostnameOf,
  Item,
  judge,
  Machine,
  monthOf,
  Order,
  regionNameOf,
  regionOf,
  Script,
  ScriptPage,
  Subscription,
  sizeOf,
  Template,
  TITLE,
  vpsOf,
} from "./hostinger/answers.ts";
import { outcomeOf, SETTLE_MS } from "./hostinger/marker.ts";
import { defineProvider, type PlacedOrder, type Vps, type VpsLabels } from "./provider.ts";
import { cancelledTagOf, labelsIn, tagOf } from "./vendor/labels-in-name.ts";
import { newestWith } from "./vendor/vps-labels.ts";
import { awaitDone, awaitWithin } from "./vendor/waiting.ts";

const TEMPLATE = "Debian 12";
const VMS = "/api/vps/v1/virtual-machines";
const SCRIPTS = "/api/vps/v1/post-install-scripts";

/**
 * Hostinger: https://developers.hostinger.com. An order is a purchase for a month with the default payment method, and nothing can be
 * deleted: `remove` switches a VPS off, ends its renewal and takes our labels from it. Its disk is there until the month ends, and one
 * that was still being set up comes up once more. A VPS has one size for life. There is no cloud-init: a script runs once, and the
 * script that it is told is kept in the account.
 *
 * There are no labels and no idempotency keys. The host name carries the labels; but a machine gets it only with its setup, which may
 * fail after the purchase. So the script, which is named after the labels, is stored first: where it is, an order may have been placed,
 * and then nothing is bought before it has been looked for a machine of that plan that was bought since and has no name, which is set up,
 * and for a subscription without a machine, which is waited for. What remains: a purchase that shows up neither as one nor as the other
 * within 90 seconds, and a machine of the same plan that somebody bought by hand in that very moment, which is taken for ours. The
 * first is a subscription without a VPS of ours, which only a look at the bills finds.
 */
export const hostingerProvider = defineProvider({
  name: "hostinger",
  title: TITLE,
  Credentials: z.strictObject({
    /** https://hpanel.hostinger.com/profile/api */
    token: z.string().trim().min(1),
  }),
  secrets: ["token"],
  lacks: ["deletion", "resize"],
  // Names in the catalogue, of which the price for a month is taken.
  defaultSizes: { t1: "KVM 1", t2: "KVM 2", t3: "KVM 4" },
  defaultRegion: "fra",
  open: ({ token }, { endpoint = "https://developers.hostinger.com", ...tools }) => {
    const headers = () => ({ authorization: `Bearer ${token}` });
    const http = createVendorHttp({ title: TITLE, endpoint, headers, secrets: [token], judge, ...tools });
    const centersNow = () => http.ask(z.array(DataCenter), { method: "GET", path: "/api/vps/v1/data-centers" });
    const machinesNow = () => http.ask(z.array(Machine), { method: "GET", path: VMS });
    const subscriptionsNow = () =>
      http.ask(z.array(Subscription), { method: "GET", path: "/api/billing/v1/subscriptions" });
    const itemsNow = () =>
      http.ask(z.array(Item), { method: "GET", path: "/api/billing/v1/catalog", query: { category: "VPS" } });
    const scriptsNow = async (page = 1): Promise<z.output<typeof Script>[]> => {
      const { data, meta } = await http.ask(ScriptPage, { method: "GET", path: SCRIPTS, query: { page } });
      return page * meta.per_page >= meta.total ? data : [...data, ...(await scriptsNow(page + 1))];
    };

    const list = async (): Promise<Vps[]> => {
      const [machines, centers] = await Promise.all([machinesNow(), centersNow()]);
      return machines.map((machine) => vpsOf(machine, centers)).filter((vps) => vps !== undefined);
    };
    const find = async (labels: Partial<VpsLabels>) => newestWith(labels, await list());
    const look = async (id: string): Promise<Machine | undefined> => {
      if (!/^\d+$/.test(id)) return undefined;
      const machine = await http.find(Machine, { method: "GET", path: `${VMS}/${id}` });
      return machine === undefined || vpsOf(machine, []) === undefined ? undefined : machine;
    };
    const get = async (id: string): Promise<Vps | undefined> => {
      const [machine, centers] = await Promise.all([look(id), centersNow()]);
      return machine === undefined ? undefined : vpsOf(machine, centers);
    };
    const present = async (id: string): Promise<Machine> => {
      const machine = await look(id);
      if (machine !== undefined) return machine;
      throw new Problem("not_found", `there is no VPS ${id} at ${TITLE}`);
    };

    /** What an order takes, from what is on offer. @throws {Problem} `provider_refused` */
    const wares = async ({ region, size }: PlacedOrder) => {
      const templates = http.ask(z.array(Template), { method: "GET", path: "/api/vps/v1/templates" });
      const [items, centers, systems] = await Promise.all([itemsNow(), centersNow(), templates]);
      const none = (what: string, all: readonly string[]) =>
        new Problem("provider_refused", `${TITLE} has no ${what}`, { hint: `It has ${all.join(", ")}.` });
      const price = items.filter(({ name }) => name === size).map(monthOf)[0];
      const center = centers.find((one) => regionNameOf(one) === region);
      const template = systems.find(({ name }) => name === TEMPLATE);
      if (price === undefined)
        throw none(
          `plan ${size} by the month`,
          items.map(({ name }) => name),
        );
      if (center === undefined) throw none(`data center ${region}`, centers.map(regionNameOf));
      if (template === undefined)
        throw none(
          `template ${TEMPLATE}`,
          systems.map(({ name }) => name),
        );
      return { itemId: price.id, centers, place: { data_center_id: center.id, template_id: template.id } };
    };
    type Wares = Awaited<ReturnType<typeof wares>>;

    const made = (machine: Machine, { centers }: Wares): Vps => {
      const vps = vpsOf(machine, centers);
      if (vps !== undefined) return vps;
      throw new Problem("provider_refused", `${TITLE} did not take the name of a new VPS`);
    };
    const setUp = async (machine: Machine, setup: object, of: Wares): Promise<Vps> =>
      made(await http.ask(Machine, { method: "POST", path: `${VMS}/${machine.id}/setup`, body: setup }), of);
    const storeScript = async ({ labels, userData }: PlacedOrder, known: z.output<typeof Script> | undefined) => {
      const body = { name: tagOf(labels), content: userData.script };
      if (known === undefined) return http.ask(Script, { method: "POST", path: SCRIPTS, body });
      return http.ask(Script, { method: "PUT", path: `${SCRIPTS}/${known.id}`, body });
    };

    /** The machine of an order that may have been placed before; undefined when it is certain that there is none. */
    const placedBefore = async (
      order: PlacedOrder,
      sinceMs: number,
      setup: object,
      of: Wares,
    ): Promise<Vps | undefined> => {
      const outcome = async () => {
        const [machines, subscriptions, scripts] = await Promise.all([machinesNow(), subscriptionsNow(), scriptsNow()]);
        const named = machines.find(({ hostname }) => hostname === hostnameOf(order.labels));
        if (named !== undefined) return { done: made(named, of) };
        const hosts = new Set(machines.map(({ hostname }) => hostname));
        const begun = scripts.filter(({ name }) => {
          const labels = labelsIn(name);
          return labels !== undefined && !hosts.has(hostnameOf(labels));
        });
        const open = new Map(begun.map(({ name, created_at }) => [name, Date.parse(created_at)]));
        const found = outcomeOf({ machines, subscriptions, open }, order.size, sinceMs);
        if (found.kind === "bare") return { done: await setUp(found.machine, setup, of) };
        const isSettled = found.kind === "nothing" && tools.now() - sinceMs >= SETTLE_MS;
        return isSettled ? { done: undefined } : undefined;
      };
      const seen = await awaitWithin(tools, SETTLE_MS, outcome);
      if (seen !== undefined) return seen.done;
      throw new Problem("provider_unavailable", `${TITLE} has not delivered yet what was ordered for ${order.name}`, {
        hint: "It is looked for again; nothing is ordered before it is clear.",
      });
    };
    const order = async (order: PlacedOrder): Promise<Vps> => {
      const [machines, scripts, of] = await Promise.all([machinesNow(), scriptsNow(), wares(order)]);
      const named = machines.find(({ hostname }) => hostname === hostnameOf(order.labels));
      const marker = scripts.find(({ name }) => name === tagOf(order.labels));
      if (named !== undefined && named.state !== "initial") return made(named, of);
      const script = await storeScript(order, marker);
      const hostname = hostnameOf(order.labels);
      const setup = { ...of.place, post_install_script_id: script.id, hostname, enable_backups: false };
      if (named !== undefined) return setUp(named, setup, of);
      const before =
        marker === undefined ? undefined : await placedBefore(order, Date.parse(marker.created_at), setup, of);
      if (before !== undefined) return before;
      const { order: bill, virtual_machine: machine } = await buy({ item_id: of.itemId, setup }, script.id);
      if (machine !== undefined && machine !== null)
        return machine.state === "initial" ? setUp(machine, setup, of) : made(machine, of);
      throw new Problem("provider_unavailable", `the order for ${order.name} at ${TITLE} is ${bill.status}`, {
        hint: "It is looked for again; nothing is ordered before it is clear.",
      });
    };
    /** Buys, or makes sure that nothing says that it was bought. */
    const buy = async (body: object, scriptId: number) => {
      const forget = () => http.find(Ignored, { method: "DELETE", path: `${SCRIPTS}/${scriptId}` });
      try {
        const answer = await http.ask(Order, { method: "POST", path: VMS, body });
        if (!["failed", "cancelled", "refunded", "fraud_refund"].includes(answer.order.status)) return answer;
      } catch (error) {
        if (error instanceof Problem && error.code !== "provider_unavailable") await forget();
        throw error;
      }
      await forget();
      throw new Problem("provider_quota", `${TITLE} could not be paid`, {
        hint: `Look at the payment methods at ${TITLE}.`,
      });
    };
    // What has been bought and has no name yet is told apart by what else is being ordered.
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
      const turn = last.then(act);
      last = turn.catch(() => undefined);
      return turn;
    };

    const atRest = (id: string) =>
      awaitDone(tools, `what ${TITLE} does to the VPS now`, async () => {
        const machine = await present(id);
        return ["running", "stopped"].includes(machine.state) ? { done: machine } : undefined;
      });
    const power = async (id: string, on: boolean) => {
      const { state } = await atRest(id);
      if ((state === "running") === on) return;
      await http.ask(Ignored, { method: "POST", path: `${VMS}/${id}/${on ? "start" : "stop"}` });
      await atRest(id);
    };

    return {
      tells: ["addresses"],
      find,
      get,
      list,
      power,
      create: (placed) => inTurn(() => order(placed)),
      resize: async (id, size) => {
        if ((await present(id)).plan !== size) {
          throw new Problem("provider_refused", `a VPS at ${TITLE} has one size for life here`, {
            hint: "Move the beacon to a new server of the other size.",
          });
        }
        await power(id, true);
      },
      remove: async (id) => {
        const machine = await look(id);
        const labels = machine === undefined ? undefined : labelsIn(machine.hostname);
        if (machine === undefined || labels === undefined) return;
        if (machine.state === "running") await power(id, false);
        const subscription = (await subscriptionsNow()).find((one) => one.id === machine.subscription_id);
        if (subscription?.is_auto_renewed === true) {
          const path = `/api/billing/v1/subscriptions/${subscription.id}/auto-renewal/disable`;
          await http.ask(Ignored, { method: "DELETE", path });
        }
        const script = (await scriptsNow()).find(({ name }) => name === tagOf(labels));
        if (script !== undefined) await http.find(Ignored, { method: "DELETE", path: `${SCRIPTS}/${script.id}` });
        // Last, so that a removal which died halfway finds the VPS and goes on.
        const hostname = hostnameOf(labels).replace(tagOf(labels), cancelledTagOf(labels));
        await http.ask(Ignored, { method: "PUT", path: `${VMS}/${id}/hostname`, body: { hostname } });
      },
      sizes: async () => (await itemsNow()).map(sizeOf).filter((size) => size !== undefined),
      regions: async () => (await centersNow()).map(regionOf),
    };
  },
});
