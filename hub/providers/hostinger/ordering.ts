import { Problem } from "#shared/problem.ts";
import { Ignored, type VendorHttp } from "../../vendor-http.ts";
import type { PlacedOrder, ProviderTools, VpsLabels } from "../provider.ts";
import { awaitWithin } from "../vendor/waiting.ts";
import { type HostingerAccount, type OwnMachine, SCRIPTS, unclear, undelivered, VMS } from "./account.ts";
import { hostnameOf, Machine, monthOf, Order, regionNameOf, Script, TITLE } from "./answers.ts";
import { isOf, type Marker, markerNameOf, markerOf, outcomeOf } from "./marker.ts";

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

/** How machines are bought, once, and set up: see `hostingerProvider` for how that is known. */
export function hostingerOrders({ http, account, tools }: OrderingParts) {
  const placeOf = async (region: string) => {
    const [centers, templates] = await Promise.all([account.centers(), account.templates()]);
    const center = centers.find((one) => regionNameOf(one) === region);
    const template = templates.find(({ name }) => name === TEMPLATE);
    if (center === undefined) throw none(`data center ${region}`, centers.map(regionNameOf));
    if (template === undefined)
      throw none(
        `template ${TEMPLATE}`,
        templates.map(({ name }) => name),
      );
    return { data_center_id: center.id, template_id: template.id };
  };
  const priceOf = async (plan: string) => {
    const items = await account.items();
    const price = items.filter(({ name }) => name === plan).map(monthOf)[0];
    if (price !== undefined) return price.id;
    const plans = items.map(({ name }) => name);
    throw none(`plan ${plan} by the month`, plans);
  };
  const setupOf = async ({ script, labels, region }: Marker) => ({
    ...(await placeOf(region)),
    ...{ post_install_script_id: script, hostname: hostnameOf(labels), enable_backups: false },
  });

  const setUp = async (id: number, marker: Marker): Promise<OwnMachine> => {
    const body = await setupOf(marker);
    const machine = await http.ask(Machine, { method: "POST", path: `${VMS}/${id}/setup`, body });
    return { machine, labels: marker.labels, marker: undefined };
  };

  const putMarker = async (order: PlacedOrder, present: Marker | undefined): Promise<Marker> => {
    const body = { name: markerNameOf(order), content: order.userData.script };
    const request =
      present === undefined
        ? ({ method: "POST", path: SCRIPTS, body } as const)
        : ({ method: "PUT", path: `${SCRIPTS}/${present.script}`, body } as const);
    const marker = markerOf(await http.ask(Script, request));
    if (marker !== undefined) return marker;
    throw new Problem("provider_refused", `${TITLE} did not keep the name of a script`);
  };
  const removeMarker = (script: number) => http.find(Ignored, { method: "DELETE", path: `${SCRIPTS}/${script}` });

  /** Buys. Where it is certain that nothing was bought, nothing is left that says otherwise. */
  const buy = async (itemId: string, marker: Marker) => {
    const body = { item_id: itemId, setup: await setupOf(marker) };
    try {
      const answer = await http.ask(Order, { method: "POST", path: VMS, body });
      if (!unpaid.includes(answer.order.status)) return answer;
    } catch (error) {
      if (error instanceof Problem && error.code !== "provider_unavailable") await removeMarker(marker.script);
      throw error;
    }
    await removeMarker(marker.script);
    throw new Problem("provider_quota", `${TITLE} could not be paid`, {
      hint: `Look at the payment methods at ${TITLE}.`,
    });
  };

  /** The machine of an order that was begun before; undefined when nothing has come of it for long enough. */
  const awaitEarlier = async (begun: Marker, marker: Marker): Promise<OwnMachine | undefined> => {
    // By the time that this takes, and not by the age of the marker: the vendor's clock is not ours.
    let isNothing = false;
    const seen = await awaitWithin(tools, SETTLE_MS, async () => {
      const now = await account.standing();
      const named = now.machines.find(({ hostname }) => hostname === hostnameOf(begun.labels));
      if (named !== undefined) return { done: { machine: named, labels: begun.labels, marker: undefined } };
      const outcome = outcomeOf(now, begun);
      isNothing = outcome.kind === "nothing";
      if (outcome.kind === "unclear") throw unclear(outcome.machines);
      return outcome.kind === "bare" ? { done: await setUp(outcome.machine.id, marker) } : undefined;
    });
    if (seen === undefined && !isNothing) throw undelivered("has been placed");
    return seen?.done;
  };

  return {
    setUp,
    removeMarker: async (labels: VpsLabels) => {
      const marker = (await account.markers()).find(isOf(labels));
      if (marker !== undefined) await removeMarker(marker.script);
    },
    /** What is there for the order, or what it bought. */
    place: async (order: PlacedOrder): Promise<OwnMachine> => {
      const hostname = hostnameOf(order.labels);
      const [named, markers, itemId] = await Promise.all([
        account.named(),
        account.markers(),
        priceOf(order.size),
        placeOf(order.region),
      ]);
      const there = named.find(({ machine }) => machine.hostname === hostname);
      if (there !== undefined && there.machine.state !== "initial") return there;
      const begun = markers.find(isOf(order.labels));
      const marker = await putMarker(order, begun);
      if (there !== undefined) return setUp(there.machine.id, marker);
      const earlier = begun === undefined ? undefined : await awaitEarlier(begun, marker);
      if (earlier !== undefined) return earlier;
      const { order: bill, virtual_machine: machine } = await buy(itemId, marker);
      if (machine === undefined || machine === null) throw undelivered(`is ${bill.status}`);
      if (machine.state === "initial") return setUp(machine.id, marker);
      return { machine, labels: order.labels, marker: undefined };
    },
  };
}

const none = (what: string, all: readonly string[]) =>
  new Problem("provider_refused", `${TITLE} has no ${what}`, { hint: `It has ${all.join(", ")}.` });
