import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import type { VendorHttp } from "../../vendor-http.ts";
import type { VpsLabels } from "../provider.ts";
import { labelsIn } from "../vendor/labels-in-name.ts";
import { DataCenter, Item, Machine, type Script, ScriptPage, Subscription, Template, TITLE } from "./answers.ts";
import { type Marker, markerOf, openOf, outcomeOf } from "./marker.ts";

export const VMS = "/api/vps/v1/virtual-machines";
export const SCRIPTS = "/api/vps/v1/post-install-scripts";

/** A machine of ours. One that was bought and not set up has no name yet, and is ours for the marker of its order. */
export interface OwnMachine {
  readonly machine: Machine;
  readonly labels: VpsLabels;
  /** Where it is not set up. */
  readonly marker: Marker | undefined;
}

/** What an account has, and what is on offer: all of it as it is now. */
export function hostingerAccount(http: VendorHttp) {
  const scripts = async (page = 1): Promise<Script[]> => {
    const { data, meta } = await http.ask(ScriptPage, { method: "GET", path: SCRIPTS, query: { page } });
    return page * meta.per_page >= meta.total ? data : [...data, ...(await scripts(page + 1))];
  };
  const markers = async () => (await scripts()).map(markerOf).filter((marker) => marker !== undefined);
  const machines = () => http.ask(z.array(Machine), { method: "GET", path: VMS });
  const subscriptions = () => http.ask(z.array(Subscription), { method: "GET", path: "/api/billing/v1/subscriptions" });
  const standing = async () => {
    const [all, bills, begun] = await Promise.all([machines(), subscriptions(), markers()]);
    return { machines: all, subscriptions: bills, open: openOf(begun, all) };
  };

  return {
    markers,
    machines,
    subscriptions,
    standing,
    centers: () => http.ask(z.array(DataCenter), { method: "GET", path: "/api/vps/v1/data-centers" }),
    templates: () => http.ask(z.array(Template), { method: "GET", path: "/api/vps/v1/templates" }),
    items: () =>
      http.ask(z.array(Item), { method: "GET", path: "/api/billing/v1/catalog", query: { category: "VPS" } }),

    /** Machines with a name of ours. */
    named: async (): Promise<OwnMachine[]> => (await machines()).flatMap(namedOf),
    /** Machines of orders that are open, as far as it is clear whose they are. */
    unnamed: async (): Promise<OwnMachine[]> => {
      const now = await standing();
      return now.open.flatMap((marker) => {
        const outcome = outcomeOf(now, marker);
        return outcome.kind === "bare" ? [{ machine: outcome.machine, labels: marker.labels, marker }] : [];
      });
    },
    machine: async (id: number): Promise<OwnMachine | undefined> => {
      const machine = await http.find(Machine, { method: "GET", path: `${VMS}/${id}` });
      if (machine === undefined) return undefined;
      const [named] = namedOf(machine);
      if (named !== undefined || machine.state !== "initial") return named;
      const now = await standing();
      const marker = now.open.find((one) => {
        const outcome = outcomeOf(now, one);
        return outcome.kind === "bare" && outcome.machine.id === id;
      });
      return marker === undefined ? undefined : { machine, labels: marker.labels, marker };
    },
  };
}
export type HostingerAccount = ReturnType<typeof hostingerAccount>;

const gone = ["destroying", "destroyed"];

function namedOf(machine: Machine): OwnMachine[] {
  const labels = labelsIn(machine.hostname);
  return labels === undefined || gone.includes(machine.state) ? [] : [{ machine, labels, marker: undefined }];
}

export const unclear = (machines: readonly Machine[]) =>
  new Problem("provider_refused", `VPSs at ${TITLE} were bought and not set up, and it is not clear for whom`, {
    hint: "In hPanel, set up those that are yours, and cancel the others; then retry.",
    details: { machines: machines.map(({ id }) => id) },
  });

export const undelivered = (what: string) =>
  new Problem("provider_unavailable", `an order at ${TITLE} ${what}, and there is no VPS yet`, {
    hint: "It is looked for again. Nothing more is ordered before it is there.",
  });
