import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import {
  Acted,
  judge,
  LocationPage,
  made,
  type Paged,
  problemOf,
  Server,
  ServerPage,
  selectorOf,
  sizeOf,
  TITLE,
  TypePage,
  vpsOf,
} from "./hetzner/answers.ts";
import { defineProvider, type Vps, type VpsLabels } from "./provider.ts";
import { newestWith, uniqueName } from "./vendor/vps-labels.ts";
import { awaitDone, awaitWithin } from "./vendor/waiting.ts";

/** A system image: https://docs.hetzner.cloud/reference/cloud#images */
const IMAGE = "debian-12";
/** The most that a page may have: https://docs.hetzner.cloud/reference/cloud#pagination */
const PAGE_SIZE = 50;
/** How long a system may take to shut down before it is switched off. */
const SHUTDOWN_MS = 60_000;

/**
 * Hetzner Cloud: https://docs.hetzner.cloud/reference/cloud. Names are unique in a project, so a name that comes from the labels keeps a
 * second create from making a second server.
 */
export const hetznerProvider = defineProvider({
  name: "hetzner",
  title: TITLE,
  Credentials: z.strictObject({
    /** Of one project, with the right to read and write. */
    token: z.string().trim().min(1),
  }),
  secrets: ["token"],
  // The newest shared x86: those before are not sold any more. https://docs.hetzner.cloud/changelog
  defaultSizes: { t1: "cx23", t2: "cx33", t3: "cx43" },
  defaultRegion: "fsn1",
  open: ({ token }, { endpoint = "https://api.hetzner.cloud/v1", ...tools }) => {
    const headers = () => ({ authorization: `Bearer ${token}` });
    const http = createVendorHttp({ title: TITLE, endpoint, headers, secrets: [token], judge, ...tools });

    const pages = async <Page extends z.ZodType<Paged>>(
      Page: Page,
      path: string,
      query = {},
      page = 1,
    ): Promise<z.output<Page>[]> => {
      const all = { ...query, page, per_page: PAGE_SIZE };
      const got = await http.ask(Page, { method: "GET", path, query: all });
      const next = got.meta.pagination.next_page;
      return next === null ? [got] : [got, ...(await pages(Page, path, query, next))];
    };
    const serversWith = async (selector: string): Promise<Vps[]> => {
      const found = await pages(ServerPage, "/servers", { label_selector: selector });
      return found
        .flatMap(({ servers }) => servers)
        .map(vpsOf)
        .filter((vps) => vps !== undefined);
    };
    const find = async (labels: Partial<VpsLabels>) => newestWith(labels, await serversWith(selectorOf(labels)));
    /** One of ours. */
    const server = async (id: string) => {
      if (!/^\d+$/.test(id)) return undefined;
      const found = await http.find(z.object({ server: Server }), { method: "GET", path: `/servers/${id}` });
      return found === undefined || vpsOf(found.server) === undefined ? undefined : found.server;
    };
    const get = async (id: string) => {
      const found = await server(id);
      return found === undefined ? undefined : vpsOf(found);
    };
    const present = async (id: string) => {
      const found = await server(id);
      if (found !== undefined) return found;
      throw new Problem("not_found", `there is no server ${id} at ${TITLE}`);
    };

    /** A server on which something is under way takes nothing else (423 `locked`): waits for its turn. */
    const inTurn = <T>(act: () => Promise<T>) =>
      awaitDone(tools, `what ${TITLE} does to the server now`, async () => {
        try {
          return { done: await act() };
        } catch (error) {
          if (error instanceof Problem && error.code === "conflict") return undefined;
          throw error;
        }
      });
    /** Has an action done, to its end. */
    const act = async (id: string, action: string, body?: Record<string, unknown>) => {
      const path = `/servers/${id}/actions/${action}`;
      const started = await inTurn(() => http.ask(Acted, { method: "POST", path, body }));
      await awaitDone(tools, `${TITLE}: ${action}`, async () => {
        const request = { method: "GET", path: `/actions/${started.action.id}` } as const;
        const { status, error } = (await http.ask(Acted, request)).action;
        if (status === "error") throw problemOf(action, error?.code);
        return status === "success" ? { done: undefined } : undefined;
      });
    };
    const isOff = async (id: string) => ((await present(id)).status === "off" ? { done: undefined } : undefined);
    const switchOff = async (id: string) => {
      const { status } = await present(id);
      if (status === "off") return;
      if (status !== "stopping") await act(id, "shutdown");
      if ((await awaitWithin(tools, SHUTDOWN_MS, () => isOff(id))) === undefined) await act(id, "poweroff");
    };
    const switchOn = async (id: string) => {
      const { status } = await present(id);
      if (status === "stopping") await awaitDone(tools, `${TITLE}: shutdown`, () => isOff(id));
      if (status === "stopping" || status === "off") await act(id, "poweron");
    };

    return {
      tells: ["instanceId", "addresses"],
      find,
      get,
      list: () => serversWith("wopr-beacon"),
      create: async (order) => {
        const present = order.isFirst === true ? undefined : await find(order.labels);
        if (present !== undefined) return present;
        const body = {
          name: uniqueName(order),
          server_type: order.size,
          image: IMAGE,
          location: order.region,
          labels: order.labels,
          user_data: order.userData.cloudConfig,
          public_net: { enable_ipv4: true, enable_ipv6: true },
        };
        try {
          const { server } = await inTurn(() =>
            http.ask(z.object({ server: Server }), { method: "POST", path: "/servers", body }),
          );
          return made(vpsOf(server));
        } catch (error) {
          // Somebody with the same labels was faster, or the answer to the first try was lost.
          const isTaken = error instanceof Problem && error.details?.vendorCode === "uniqueness_error";
          const faster = isTaken ? await find(order.labels) : undefined;
          if (faster === undefined) throw error;
          return faster;
        }
      },
      power: (id, on) => (on ? switchOn(id) : switchOff(id)),
      resize: async (id, size) => {
        if ((await present(id)).server_type.name !== size) {
          await switchOff(id);
          const change = act(id, "change_type", { server_type: size, upgrade_disk: false });
          await change.catch(async (error: unknown) => {
            // It does its work in its old size meanwhile.
            await switchOn(id);
            throw error;
          });
        }
        await switchOn(id);
      },
      remove: async (id) => {
        if ((await get(id)) === undefined) return;
        await inTurn(() => http.find(Ignored, { method: "DELETE", path: `/servers/${id}` }));
        const isGone = async () => ((await get(id)) === undefined ? { done: undefined } : undefined);
        await awaitDone(tools, `${TITLE}: delete`, isGone);
      },
      sizes: async (region) => {
        const [types, { pricing }] = await Promise.all([
          pages(TypePage, "/server_types"),
          http.ask(z.object({ pricing: z.object({ currency: z.string() }) }), { method: "GET", path: "/pricing" }),
        ]);
        return types
          .flatMap(({ server_types }) => server_types)
          .filter(({ architecture }) => architecture === "x86")
          .map((type) => sizeOf(type, pricing.currency, region))
          .filter(({ regions }) => (region === undefined ? regions.length > 0 : regions.includes(region)));
      },
      regions: async () => {
        const found = await pages(LocationPage, "/locations");
        return found
          .flatMap(({ locations }) => locations)
          .map(({ name, city, country }) => ({ name, title: city, country }));
      },
    };
  },
});
