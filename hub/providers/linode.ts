import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import {
  Availability,
  EventPage,
  judge,
  Linode,
  LinodePage,
  OURS,
  type Paged,
  RegionPage,
  sizeOf,
  TITLE,
  TypePage,
  tagOf,
  vpsOf,
} from "./linode/answers.ts";
import { defineProvider, type PlacedOrder, type Vps, type VpsLabels } from "./provider.ts";
import { newestWith, uniqueName } from "./vendor/vps-labels.ts";
import { awaitDone } from "./vendor/waiting.ts";

/** Comes with cloud-init: https://techdocs.akamai.com/cloud-computing/docs/overview-of-the-metadata-service */
const IMAGE = "linode/debian12";
/** The most that a page may have. */
const PAGE_SIZE = 500;

/**
 * Linodes of Akamai: https://techdocs.akamai.com/linode-api/reference. Labels are unique in an account, so one that comes from ours keeps
 * a second create from making a second Linode. What is under way on one stands in the events of the account.
 */
export const linodeProvider = defineProvider({
  name: "linode",
  title: TITLE,
  Credentials: z.strictObject({
    /** Personal access token of an unrestricted user, with `linodes:read_write` and `events:read_only`. */
    token: z.string().trim().min(1),
  }),
  secrets: ["token"],
  // https://techdocs.akamai.com/cloud-computing/docs/shared-cpu-compute-instances
  defaultSizes: { t1: "g6-standard-2", t2: "g6-standard-4", t3: "g6-standard-6" },
  defaultRegion: "de-fra-2",
  open: ({ token }, { endpoint = "https://api.linode.com/v4", ...tools }) => {
    const headers = () => ({ authorization: `Bearer ${token}` });
    const http = createVendorHttp({ title: TITLE, endpoint, headers, secrets: [token], judge, ...tools });
    const post = (path: string, body?: Record<string, unknown>) => http.ask(Ignored, { method: "POST", path, body });

    interface Listed {
      readonly path: string;
      /** https://techdocs.akamai.com/linode-api/reference/filtering-and-sorting */
      readonly filter?: Readonly<Record<string, unknown>>;
      readonly pageSize?: number;
    }
    const pages = async <Page extends z.ZodType<Paged>>(
      Page: Page,
      listed: Listed,
      page?: number,
    ): Promise<z.output<Page>[]> => {
      const { path, filter, pageSize } = listed;
      const header = filter === undefined ? {} : { "x-filter": JSON.stringify(filter) };
      const query = { page, page_size: pageSize };
      const got = await http.ask(Page, { method: "GET", path, query, headers: header });
      return got.page >= got.pages ? [got] : [got, ...(await pages(Page, listed, got.page + 1))];
    };
    const tagged = async (tag: string): Promise<Vps[]> => {
      const listed = { path: "/linode/instances", filter: { tags: tag }, pageSize: PAGE_SIZE };
      const found = await pages(LinodePage, listed);
      return found
        .flatMap(({ data }) => data)
        .map(vpsOf)
        .filter((vps) => vps !== undefined);
    };
    const find = async (labels: Partial<VpsLabels>) => {
      const beacon = labels["wopr-beacon"];
      return newestWith(labels, await tagged(beacon === undefined ? OURS : tagOf("wopr-beacon", beacon)));
    };
    /** One of ours. */
    const linode = async (id: string) => {
      if (!/^\d+$/.test(id)) return undefined;
      const found = await http.find(Linode, { method: "GET", path: `/linode/instances/${id}` });
      return found === undefined || vpsOf(found) === undefined ? undefined : found;
    };
    const get = async (id: string) => {
      const found = await linode(id);
      return found === undefined ? undefined : vpsOf(found);
    };
    const present = async (id: string) => {
      const found = await linode(id);
      if (found !== undefined) return found;
      throw new Problem("not_found", `there is no Linode ${id}`);
    };

    /** The newest things that happened to it, newest first. */
    const eventsOf = async (id: string) => {
      const filter = { "entity.type": "linode", "entity.id": Number(id), "+order_by": "id", "+order": "desc" };
      const path = "/account/events";
      const request = { method: "GET", path, headers: { "x-filter": JSON.stringify(filter) } } as const;
      const { data } = await http.ask(EventPage, request);
      return data.filter(({ entity }) => entity?.type === "linode" && String(entity.id) === id);
    };
    const isBusy = async (id: string) =>
      (await eventsOf(id)).some(({ status }) => status === "scheduled" || status === "started");
    const idle = (id: string) =>
      awaitDone(tools, `what is under way on the Linode ${id}`, async () =>
        (await isBusy(id)) ? undefined : { done: undefined },
      );
    /** Does something that begins an event, when nothing else is under way, and waits for its end. */
    const act = async (id: string, action: string, body?: Record<string, unknown>) => {
      await awaitDone(tools, `${TITLE}: ${action}`, async () => {
        await idle(id);
        try {
          return { done: await post(`/linode/instances/${id}/${action}`, body) };
        } catch (error) {
          // Something else has begun meanwhile, which is said in words alone.
          if (error instanceof Problem && error.details?.status === 400 && (await isBusy(id))) return undefined;
          throw error;
        }
      });
      await idle(id);
    };
    const switchOff = async (id: string) => {
      await idle(id);
      if (vpsOf(await present(id))?.status !== "off") await act(id, "shutdown");
    };
    const switchOn = async (id: string) => {
      await idle(id);
      if (vpsOf(await present(id))?.status === "off") await act(id, "boot");
    };

    /** Of the plans whose stock is limited there. */
    const plansIn = (region: string) =>
      http.find(Availability, { method: "GET", path: `/regions/${encodeURIComponent(region)}/availability` });
    /** Why it was refused, which the refusal itself says to people alone. */
    const explain = async (refused: unknown, { size, region }: Pick<PlacedOrder, "size" | "region">) => {
      if (!(refused instanceof Problem) || refused.code !== "provider_refused") return refused;
      const plans = await plansIn(region);
      if (plans?.some(({ plan, available }) => plan === size && !available) !== true) return refused;
      const { message, details } = refused;
      const hint = "Choose another size or another region, or wait.";
      return new Problem("provider_out_of_stock", message, { hint, details });
    };

    return {
      tells: ["instanceId", "addresses"],
      find,
      get,
      list: () => tagged(OURS),
      create: async (order) => {
        const present = order.isFirst === true ? undefined : await find(order.labels);
        if (present !== undefined) return present;
        try {
          return made(
            vpsOf(await http.ask(Linode, { method: "POST", path: "/linode/instances", body: bodyOf(order) })),
          );
        } catch (error) {
          // Somebody with the same labels was faster, or the answer to the first try was lost.
          const isTaken = error instanceof Problem && error.details?.vendorCode === "label";
          const faster = isTaken ? await find(order.labels) : undefined;
          if (faster === undefined) throw await explain(error, order);
          return faster;
        }
      },
      power: (id, on) => (on ? switchOn(id) : switchOff(id)),
      resize: async (id, size) => {
        await present(id);
        await idle(id);
        const before = await present(id);
        if (before.type !== size) {
          // A cold migration switches off what runs, and on again: https://techdocs.akamai.com/linode-api/reference/post-resize-linode-instance
          const body = { type: size, allow_auto_disk_resize: false, migration_type: "cold" };
          try {
            await act(id, "resize", body);
          } catch (error) {
            throw await explain(error, { size, region: before.region });
          }
          if ((await present(id)).type !== size) throw unchanged(id, size);
        }
        await switchOn(id);
      },
      remove: async (id) => {
        await awaitDone(tools, `${TITLE}: delete`, async () => {
          if ((await linode(id)) === undefined) return { done: undefined };
          await idle(id);
          await http.find(Ignored, { method: "DELETE", path: `/linode/instances/${id}` });
          return undefined;
        });
      },
      sizes: async (region) => {
        const types = (await pages(TypePage, { path: "/linode/types" })).flatMap(({ data }) => data);
        const plans = region === undefined ? [] : await plansIn(region);
        // A region that there is not has none.
        if (plans === undefined) return [];
        const soldOut = plans.filter(({ available }) => !available).map(({ plan }) => plan);
        return types.filter(({ id }) => !soldOut.includes(id)).map((type) => sizeOf(type, region));
      },
      regions: async () => {
        const found = (await pages(RegionPage, { path: "/regions" })).flatMap(({ data }) => data);
        return found
          .filter(({ capabilities }) => capabilities.includes("Linodes") && capabilities.includes("Metadata"))
          .map(({ id, label, country }) => ({ name: id, title: label, country: country.toUpperCase() }));
      },
    };
  },
});

const bodyOf = (order: PlacedOrder) => ({
  type: order.size,
  region: order.region,
  image: IMAGE,
  label: labelOf(order),
  tags: [OURS, ...labelNames.map((name) => tagOf(name, order.labels[name]))],
  // Has to be there, and is forgotten at once: nobody signs in with it.
  root_pass: randomBytes(48).toString("base64"),
  metadata: { user_data: Buffer.from(order.userData.cloudConfig).toString("base64") },
  booted: true,
});

const labelNames = ["wopr-beacon", "wopr-round"] as const;

/** Labels begin with a letter, and have no two hyphens in a row: https://techdocs.akamai.com/linode-api/reference/post-linode-instance */
function labelOf(order: PlacedOrder): string {
  const name = order.name.replaceAll(/-{2,}/g, "-");
  return uniqueName({ labels: order.labels, name: /^[a-z]/i.test(name) ? name : `b${name}` });
}

const unchanged = (id: string, size: string) =>
  new Problem("provider_unavailable", `${TITLE} did not resize the Linode ${id} to ${size}`, {
    hint: "It is tried again. If it stays so, look at its events in the Cloud Manager.",
  });

/** What was just made carries our tags. */
function made(vps: Vps | undefined): Vps {
  if (vps !== undefined) return vps;
  throw new Problem("provider_refused", `${TITLE} did not keep the tags of a new Linode`, {
    hint: "Only unrestricted users may set tags: give the hub a token of one.",
  });
}
