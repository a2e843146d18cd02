import { Problem } from "#shared/problem.ts";
import { Ignored, type VendorHttp } from "../../vendor-http.ts";
import type { PlacedOrder, ProviderTools, Vps, VpsLabels } from "../provider.ts";
import { labelsIn, tagOf } from "../vendor/labels-in-name.ts";
import { awaitWithin } from "../vendor/waiting.ts";
import { type HostingerAccount, SCRIPTS, VMS } from "./account.ts";
import { hostnameOf, Machine, monthOf, Order, regionNameOf, Script, TITLE, vpsOf } from "./answers.ts";
import { outcomeOf } from "./outcome-of.ts";

const TEMPLATE = "Debian 12";
/** How long an order that was not answered may take to show up. */
const SETTLE_MS = 90_000;
/** Ends of an order after which there is nothing, and nothing is owed. */
const unpaid = ["failed", "cancelled", "refunded", "fraud_refund"];

export interface OrderingParts {
  readonly http: VendorHttp;
  readonly account: HostingerAccount;
  readonly tools: Pick<ProviderTools, "now" | "sleep">;
}

/** Buys a VPS, once: see `hostingerProvider` for how that is known. */
export function hostingerOrders({ http, account, tools }: OrderingParts): (order: PlacedOrder) => Promise<Vps> {
  /** What an order takes, from what is on offer. @throws {Problem} `provider_refused` */
  const choose = async ({ region, size }: PlacedOrder) => {
    const [items, centers, templates] = await Promise.all([account.items(), account.centers(), account.templates()]);
    const none = (what: string, all: readonly string[]) =>
      new Problem("provider_refused", `${TITLE} has no ${what}`, { hint: `It has ${all.join(", ")}.` });
    const price = items.filter(({ name }) => name === size).map(monthOf)[0];
    const center = centers.find((one) => regionNameOf(one) === region);
    const template = templates.find(({ name }) => name === TEMPLATE);
    const plans = items.map(({ name }) => name);
    if (price === undefined) throw none(`plan ${size} by the month`, plans);
    if (center === undefined) throw none(`data center ${region}`, centers.map(regionNameOf));
    if (template === undefined)
      throw none(
        `template ${TEMPLATE}`,
        templates.map(({ name }) => name),
      );
    return { itemId: price.id, centers, place: { data_center_id: center.id, template_id: template.id } };
  };

  /** Says that an order for these labels is begun: written before it is, and known by its name. */
  const putMarker = ({ labels, userData }: PlacedOrder, present: Script | undefined) => {
    const body = { name: tagOf(labels), content: userData.script };
    if (present === undefined) return http.ask(Script, { method: "POST", path: SCRIPTS, body });
    return http.ask(Script, { method: "PUT", path: `${SCRIPTS}/${present.id}`, body });
  };

  /** Buys. Where it is certain that nothing was bought, nothing is left that says otherwise. */
  const buy = async (body: object, marker: Script) => {
    const removeMarker = () => http.find(Ignored, { method: "DELETE", path: `${SCRIPTS}/${marker.id}` });
    try {
      const answer = await http.ask(Order, { method: "POST", path: VMS, body });
      if (!unpaid.includes(answer.order.status)) return answer;
    } catch (error) {
      if (error instanceof Problem && error.code !== "provider_unavailable") await removeMarker();
      throw error;
    }
    await removeMarker();
    throw new Problem("provider_quota", `${TITLE} could not be paid`, {
      hint: `Look at the payment methods at ${TITLE}.`,
    });
  };

  /** The account as it matters for an order that was begun before. */
  const standing = async () => {
    const [machines, subscriptions, scripts] = await Promise.all([
      account.machines(),
      account.subscriptions(),
      account.scripts(),
    ]);
    const hosts = new Set(machines.map(({ hostname }) => hostname));
    const isOpen = (labels: VpsLabels | undefined) => labels !== undefined && !hosts.has(hostnameOf(labels));
    const open = scripts.map(({ name }) => name).filter((name) => isOpen(labelsIn(name)));
    return { machines, subscriptions, open };
  };

  return async (order) => {
    const hostname = hostnameOf(order.labels);
    const [machines, scripts, chosen] = await Promise.all([account.machines(), account.scripts(), choose(order)]);
    const made = (machine: Machine): Vps => {
      const vps = vpsOf(machine, chosen.centers);
      if (vps !== undefined) return vps;
      throw new Problem("provider_refused", `${TITLE} did not take the name of a new VPS`);
    };
    const named = machines.find((machine) => machine.hostname === hostname);
    if (named !== undefined && named.state !== "initial") return made(named);

    const begun = scripts.find(({ name }) => name === tagOf(order.labels));
    const marker = await putMarker(order, begun);
    const setup = { ...chosen.place, post_install_script_id: marker.id, hostname, enable_backups: false };
    const setUp = async ({ id }: Machine) =>
      made(await http.ask(Machine, { method: "POST", path: `${VMS}/${id}/setup`, body: setup }));
    if (named !== undefined) return setUp(named);

    if (begun !== undefined) {
      // By the time that this takes, and not by the age of the marker: the vendor's clock is not ours.
      let isNothing = false;
      const seen = await awaitWithin(tools, SETTLE_MS, async () => {
        const since = Date.parse(begun.created_at);
        const outcome = outcomeOf(await standing(), { hostname, plan: order.size, since });
        isNothing = outcome.kind === "nothing";
        if (outcome.kind === "named") return { done: made(outcome.machine) };
        return outcome.kind === "bare" ? { done: await setUp(outcome.machine) } : undefined;
      });
      if (seen !== undefined) return seen.done;
      if (!isNothing) throw undelivered(order, "has been placed");
    }

    const bought = await buy({ item_id: chosen.itemId, setup }, marker);
    const machine = bought.virtual_machine;
    if (machine === undefined || machine === null) throw undelivered(order, `is ${bought.order.status}`);
    return machine.state === "initial" ? setUp(machine) : made(machine);
  };
}

const undelivered = ({ name }: PlacedOrder, what: string) =>
  new Problem("provider_unavailable", `an order for ${name} at ${TITLE} ${what}, and there is no VPS yet`, {
    hint: "It is looked for again. Nothing more is ordered before it is there.",
  });
