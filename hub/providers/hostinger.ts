import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createLanes } from "../lanes.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import { hostingerAccount, type OwnMachine, unclear, undelivered, VMS } from "./hostinger/account.ts";
import { hostnameOf, judge, regionNameOf, regionOf, sizeOf, TITLE, vpsOf } from "./hostinger/answers.ts";
import { type Marker, outcomeOf } from "./hostinger/marker.ts";
import { hostingerOrders } from "./hostinger/ordering.ts";
import { defineProvider, type Vps, type VpsLabels } from "./provider.ts";
import { cancelledTagOf, tagOf } from "./vendor/labels-in-name.ts";
import { newestWith } from "./vendor/vps-labels.ts";
import { awaitDone } from "./vendor/waiting.ts";

/** The only one that there is: what is done in it is done one after the other. */
const LANE = "orders";

/**
 * Hostinger: https://developers.hostinger.com. An order is a purchase for a month with the default payment method, and nothing can be
 * deleted: `remove` switches a VPS off, ends its renewal and takes our labels from it. Its disk is there until the month ends, and one
 * that was still being set up comes up once more. A VPS has one size for life. There is no cloud-init: a script runs once, and the
 * script that it is told is kept in the account.
 *
 * There are no labels and no idempotency keys. The host name carries the labels; but a machine gets it only with its setup, which may
 * fail after the purchase. So the script, which is named after the order, is stored first: it marks an order that may have been placed.
 * While it does, a machine of that plan that was bought since and has no name is this order's, switched off until it is set up; a
 * subscription without a machine is waited for; and nothing is bought again before 90 seconds have shown neither.
 *
 * What remains: a purchase that shows up in neither way within that time, and a machine of the same plan that somebody buys by hand at that
 * very moment, which is taken for ours. The first leaves a subscription whose machine has no name of ours: only the bills show it.
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
  // Unverified: it has a data center in Frankfurt, and names them as the example `phx` is.
  defaultRegion: "fra",
  open: ({ token }, { endpoint = "https://developers.hostinger.com", ...tools }) => {
    const headers = () => ({ authorization: `Bearer ${token}` });
    const http = createVendorHttp({ title: TITLE, endpoint, headers, secrets: [token], judge, ...tools });
    const account = hostingerAccount(http);
    const orders = hostingerOrders({ http, account, tools });

    const shown = async (own: readonly OwnMachine[]): Promise<Vps[]> => {
      if (own.length === 0) return [];
      const centers = await account.centers();
      return own.map(({ machine, labels }) => vpsOf(machine, labels, centers));
    };
    const look = async (id: string) => (/^\d+$/.test(id) ? account.machine(Number(id)) : undefined);
    const present = async (id: string): Promise<OwnMachine> => {
      const own = await look(id);
      if (own !== undefined) return own;
      throw new Problem("not_found", `there is no VPS ${id} at ${TITLE}`);
    };
    /** Of an order that is open. @throws {Problem} what keeps it from being there */
    const findUnnamed = async (labels: Partial<VpsLabels>): Promise<OwnMachine | undefined> => {
      const now = await account.standing();
      const marker = newestWith(labels, now.open);
      if (marker === undefined) return undefined;
      const outcome = outcomeOf(now, marker);
      if (outcome.kind === "unclear") throw unclear(outcome.machines);
      if (outcome.kind === "on its way") throw undelivered("is being paid");
      return outcome.kind === "bare" ? { machine: outcome.machine, labels: marker.labels, marker } : undefined;
    };

    // What has been bought and has no name yet is told apart by what else is being ordered.
    const inLane = createLanes();

    const atRest = (id: string) =>
      awaitDone(tools, `what ${TITLE} does to the VPS now`, async () => {
        const own = await present(id);
        return ["running", "stopped", "initial"].includes(own.machine.state) ? { done: own } : undefined;
      });
    const setUp = async (id: number, marker: Marker | undefined) => {
      if (marker !== undefined) await orders.setUp(id, marker);
      else
        throw new Problem("provider_refused", `the VPS ${id} at ${TITLE} was reset`, { hint: "Set it up in hPanel." });
    };
    const power = async (id: string, on: boolean) => {
      const { machine, marker } = await atRest(id);
      if ((machine.state === "running") === on) return;
      if (machine.state === "initial") {
        if (on) await setUp(machine.id, marker);
        return;
      }
      await http.ask(Ignored, { method: "POST", path: `${VMS}/${id}/${on ? "start" : "stop"}` });
      await atRest(id);
    };

    return {
      tells: ["addresses"],
      find: async (labels) => {
        const own = newestWith(labels, await account.named()) ?? (await findUnnamed(labels));
        return own === undefined ? undefined : (await shown([own]))[0];
      },
      get: async (id) => {
        const own = await look(id);
        return own === undefined ? undefined : (await shown([own]))[0];
      },
      list: async () => shown([...(await account.named()), ...(await account.unnamed())]),
      power,
      create: (order) =>
        inLane(LANE, async () => {
          const { machine, labels } = await orders.place(order);
          return vpsOf(machine, labels, await account.centers());
        }),
      resize: async (id, size) => {
        if ((await present(id)).machine.plan !== size) {
          throw new Problem("provider_refused", `a VPS at ${TITLE} has one size for life here`, {
            hint: "Move the beacon to a new server of the other size.",
          });
        }
        await power(id, true);
      },
      remove: async (id) => {
        const own = await look(id);
        if (own === undefined) return;
        const { machine, labels } = own;
        if (machine.state === "running") await power(id, false);
        const subscription = (await account.subscriptions()).find((one) => one.id === machine.subscription_id);
        if (subscription?.is_auto_renewed === true) {
          const path = `/api/billing/v1/subscriptions/${subscription.id}/auto-renewal/disable`;
          await http.ask(Ignored, { method: "DELETE", path });
        }
        // What shows whose it is goes last, so that a removal which died halfway finds the VPS and goes on.
        await orders.removeMarker(labels);
        if (own.marker !== undefined) return;
        const hostname = hostnameOf(labels).replace(tagOf(labels), cancelledTagOf(labels));
        await http.ask(Ignored, { method: "PUT", path: `${VMS}/${id}/hostname`, body: { hostname } });
      },
      sizes: async (region) => {
        const [items, centers] = await Promise.all([account.items(), account.centers()]);
        // It sells the same everywhere.
        if (region !== undefined && !centers.some((center) => regionNameOf(center) === region)) return [];
        return items.map(sizeOf).filter((size) => size !== undefined);
      },
      regions: async () => (await account.centers()).map(regionOf),
    };
  },
});
