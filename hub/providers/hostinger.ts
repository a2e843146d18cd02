import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import { hostingerAccount, SCRIPTS, VMS } from "./hostinger/account.ts";
import { hostnameOf, judge, type Machine, regionNameOf, regionOf, sizeOf, TITLE, vpsOf } from "./hostinger/answers.ts";
import { hostingerOrders } from "./hostinger/ordering.ts";
import { defineProvider, type Vps } from "./provider.ts";
import { cancelledTagOf, labelsIn, tagOf } from "./vendor/labels-in-name.ts";
import { newestWith } from "./vendor/vps-labels.ts";
import { awaitDone } from "./vendor/waiting.ts";

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
  // Unverified: it has a data center in Frankfurt, and names them as the example `phx` is.
  defaultRegion: "fra",
  open: ({ token }, { endpoint = "https://developers.hostinger.com", ...tools }) => {
    const headers = () => ({ authorization: `Bearer ${token}` });
    const http = createVendorHttp({ title: TITLE, endpoint, headers, secrets: [token], judge, ...tools });
    const account = hostingerAccount(http);
    const order = hostingerOrders({ http, account, tools });

    const list = async (): Promise<Vps[]> => {
      const [machines, centers] = await Promise.all([account.machines(), account.centers()]);
      return machines.map((machine) => vpsOf(machine, centers)).filter((vps) => vps !== undefined);
    };
    const look = async (id: string): Promise<Machine | undefined> => {
      if (!/^\d+$/.test(id)) return undefined;
      const machine = await account.machine(Number(id));
      return machine === undefined || vpsOf(machine, []) === undefined ? undefined : machine;
    };
    const get = async (id: string): Promise<Vps | undefined> => {
      const [machine, centers] = await Promise.all([look(id), account.centers()]);
      return machine === undefined ? undefined : vpsOf(machine, centers);
    };
    const present = async (id: string): Promise<Machine> => {
      const machine = await look(id);
      if (machine !== undefined) return machine;
      throw new Problem("not_found", `there is no VPS ${id} at ${TITLE}`);
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
      find: async (labels) => newestWith(labels, await list()),
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
        const subscription = (await account.subscriptions()).find((one) => one.id === machine.subscription_id);
        if (subscription?.is_auto_renewed === true) {
          const path = `/api/billing/v1/subscriptions/${subscription.id}/auto-renewal/disable`;
          await http.ask(Ignored, { method: "DELETE", path });
        }
        const script = (await account.scripts()).find(({ name }) => name === tagOf(labels));
        if (script !== undefined) await http.find(Ignored, { method: "DELETE", path: `${SCRIPTS}/${script.id}` });
        // Last, so that a removal which died halfway finds the VPS and goes on.
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
