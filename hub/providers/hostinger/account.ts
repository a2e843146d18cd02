import { z } from "zod";
import type { VendorHttp } from "../../vendor-http.ts";
import { DataCenter, Item, Machine, type Script, ScriptPage, Subscription, Template } from "./answers.ts";

export const VMS = "/api/vps/v1/virtual-machines";
export const SCRIPTS = "/api/vps/v1/post-install-scripts";

/** What an account has, and what is on offer: all of it as it is now. */
export function hostingerAccount(http: VendorHttp) {
  const scripts = async (page = 1): Promise<Script[]> => {
    const { data, meta } = await http.ask(ScriptPage, { method: "GET", path: SCRIPTS, query: { page } });
    return page * meta.per_page >= meta.total ? data : [...data, ...(await scripts(page + 1))];
  };
  return {
    scripts: () => scripts(),
    centers: () => http.ask(z.array(DataCenter), { method: "GET", path: "/api/vps/v1/data-centers" }),
    templates: () => http.ask(z.array(Template), { method: "GET", path: "/api/vps/v1/templates" }),
    machines: () => http.ask(z.array(Machine), { method: "GET", path: VMS }),
    machine: (id: number) => http.find(Machine, { method: "GET", path: `${VMS}/${id}` }),
    subscriptions: () => http.ask(z.array(Subscription), { method: "GET", path: "/api/billing/v1/subscriptions" }),
    items: () =>
      http.ask(z.array(Item), { method: "GET", path: "/api/billing/v1/catalog", query: { category: "VPS" } }),
  };
}
export type HostingerAccount = ReturnType<typeof hostingerAccount>;
