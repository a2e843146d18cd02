import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import {
  Account,
  Acted,
  DropletPage,
  judge,
  OneDroplet,
  OURS,
  type Paged,
  RegionPage,
  SizePage,
  sizeOf,
  TITLE,
  tagOf,
  vpsOf,
} from "./digitalocean/answers.ts";
import { defineProvider, type Vps, type VpsLabels } from "./provider.ts";
import { newestWith, uniqueName } from "./vendor/vps-labels.ts";
import { awaitDone, awaitWithin } from "./vendor/waiting.ts";

/** https://docs.digitalocean.com/products/droplets/details/images/ */
const IMAGE = "debian-12-x64";
/** The most that a page may have. */
const PAGE_SIZE = 200;
/** How long a system may take to shut down before it is switched off. */
const SHUTDOWN_MS = 60_000;

/**
 * Droplets: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Droplets. Names need not be unique there: what keeps a second
 * create from making a second one is the look for its tags.
 */
export const digitaloceanProvider = defineProvider({
  name: "digitalocean",
  title: TITLE,
  Credentials: z.strictObject({
    /** With all scopes of `droplet`, `tag:create`, `tag:read`, `regions:read`, `sizes:read`, `account:read` and `actions:read`. */
    token: z.string().trim().min(1),
  }),
  secrets: ["token"],
  // https://slugs.do-api.dev
  defaultSizes: { t1: "s-2vcpu-4gb", t2: "s-4vcpu-8gb", t3: "s-8vcpu-16gb" },
  defaultRegion: "fra1",
  open: ({ token }, { endpoint = "https://api.digitalocean.com", ...tools }) => {
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
      const isLast = got.links?.pages?.next === undefined;
      return isLast ? [got] : [got, ...(await pages(Page, path, query, page + 1))];
    };
    const tagged = async (tag: string): Promise<Vps[]> => {
      const found = await pages(DropletPage, "/v2/droplets", { tag_name: tag });
      return found
        .flatMap(({ droplets }) => droplets)
        .map(vpsOf)
        .filter((vps) => vps !== undefined);
    };
    const find = async (labels: Partial<VpsLabels>) => {
      const beacon = labels["wopr-beacon"];
      return newestWith(labels, await tagged(beacon === undefined ? OURS : tagOf("wopr-beacon", beacon)));
    };
    /** One of ours. */
    const droplet = async (id: string) => {
      if (!/^\d+$/.test(id)) return undefined;
      const found = await http.find(OneDroplet, { method: "GET", path: `/v2/droplets/${id}` });
      return found === undefined || vpsOf(found.droplet) === undefined ? undefined : found.droplet;
    };
    const get = async (id: string) => {
      const found = await droplet(id);
      return found === undefined ? undefined : vpsOf(found);
    };
    const present = async (id: string) => {
      const found = await droplet(id);
      if (found !== undefined) return found;
      throw new Problem("not_found", `there is no Droplet ${id} at ${TITLE}`);
    };
    const unlocked = async (id: string) => ((await droplet(id))?.locked === true ? undefined : { done: undefined });

    /** Has an action done, to its end. Waits before that for what is under way. */
    const act = async (id: string, action: { readonly type: string; readonly [name: string]: unknown }) => {
      const inTurn = async () => {
        await awaitDone(tools, `${TITLE}: what is under way on the Droplet`, () => unlocked(id));
        try {
          return { done: await http.ask(Acted, { method: "POST", path: `/v2/droplets/${id}/actions`, body: action }) };
        } catch (error) {
          // Somebody was faster, and it is locked again.
          if (isUnprocessable(error) && (await present(id)).locked) return undefined;
          throw error;
        }
      };
      const started = await awaitDone(tools, `${TITLE}: ${action.type}`, inTurn);
      await awaitDone(tools, `${TITLE}: ${action.type}`, async () => {
        const request = { method: "GET", path: `/v2/actions/${started.action.id}` } as const;
        const { status } = (await http.ask(Acted, request)).action;
        if (status === "errored") throw failed(action.type, id);
        return status === "completed" ? { done: undefined } : undefined;
      });
    };
    const isOff = async (id: string) => ((await present(id)).status === "off" ? { done: undefined } : undefined);
    const switchOff = async (id: string) => {
      if ((await isOff(id)) !== undefined) return;
      await act(id, { type: "shutdown" });
      if ((await awaitWithin(tools, SHUTDOWN_MS, () => isOff(id))) === undefined) await act(id, { type: "power_off" });
    };
    const switchOn = async (id: string) => {
      if ((await isOff(id)) !== undefined) await act(id, { type: "power_on" });
    };

    /** Why it was refused, which the refusal itself says to people alone: what is asked for is held against what there is. */
    const explain = async (refused: unknown, wanted: { readonly size: string; readonly region: string }) => {
      if (!isUnprocessable(refused)) return refused;
      const sizes = (await pages(SizePage, "/v2/sizes")).flatMap((page) => page.sizes);
      const regions = (await pages(RegionPage, "/v2/regions")).flatMap((page) => page.regions);
      const size = sizes.find(({ slug }) => slug === wanted.size);
      const region = regions.find(({ slug }) => slug === wanted.region);
      if (size === undefined || region === undefined) return refused;
      const isThere = size.available && region.available && size.regions.includes(region.slug);
      return isThere ? refused : another("provider_out_of_stock", refused);
    };
    const explainCreate = async (refused: unknown, wanted: { readonly size: string; readonly region: string }) => {
      if (!isUnprocessable(refused)) return refused;
      const { account } = await http.ask(Account, { method: "GET", path: "/v2/account" });
      const { meta } = await http.ask(DropletPage, { method: "GET", path: "/v2/droplets", query: { per_page: 1 } });
      return meta.total >= account.droplet_limit ? another("provider_quota", refused) : explain(refused, wanted);
    };

    return {
      tells: ["instanceId", "addresses"],
      find,
      get,
      list: () => tagged(OURS),
      create: async (order) => {
        const present = order.isFirst === true ? undefined : await find(order.labels);
        if (present !== undefined) return present;
        const { size, region, labels } = order;
        const tags = [OURS, tagOf("wopr-beacon", labels["wopr-beacon"]), tagOf("wopr-round", labels["wopr-round"])];
        const user_data = order.userData.cloudConfig;
        const body = { name: uniqueName(order), size, region, image: IMAGE, tags, user_data, ipv6: true };
        try {
          const { droplet } = await http.ask(OneDroplet, { method: "POST", path: "/v2/droplets", body });
          return made(vpsOf({ ...droplet, tags }));
        } catch (error) {
          throw await explainCreate(error, order);
        }
      },
      power: (id, on) => (on ? switchOn(id) : switchOff(id)),
      resize: async (id, size) => {
        const before = await present(id);
        if (before.size_slug !== size) {
          await switchOff(id);
          try {
            await act(id, { type: "resize", size, disk: false });
          } catch (error) {
            // It does its work in its old size meanwhile.
            await switchOn(id);
            throw await explain(error, { size, region: before.region.slug });
          }
        }
        await switchOn(id);
      },
      remove: async (id) => {
        await awaitDone(tools, `${TITLE}: delete`, async () => {
          if ((await droplet(id)) === undefined) return { done: undefined };
          await awaitDone(tools, `${TITLE}: what is under way on the Droplet`, () => unlocked(id));
          await http.find(Ignored, { method: "DELETE", path: `/v2/droplets/${id}` });
          return undefined;
        });
      },
      sizes: async (region) => {
        const found = (await pages(SizePage, "/v2/sizes")).flatMap(({ sizes }) => sizes);
        return found
          .filter(({ available, regions }) => available && (region === undefined || regions.includes(region)))
          .map(sizeOf);
      },
      regions: async () => {
        const found = (await pages(RegionPage, "/v2/regions")).flatMap(({ regions }) => regions);
        return found.filter(({ available }) => available).map(({ slug, name }) => ({ name: slug, title: name }));
      },
    };
  },
});

const isUnprocessable = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === "provider_refused" && error.details?.status === 422;

/** The same refusal under the name that it deserves. */
const another = (code: "provider_out_of_stock" | "provider_quota", { message, details }: Problem) =>
  new Problem(code, message, { details, hint: hints[code] });

const hints = {
  provider_out_of_stock: "Choose another size or another region, or wait.",
  provider_quota: `Ask ${TITLE} for a higher limit of Droplets, or remove what is not needed any more.`,
} as const;

const failed = (action: string, id: string) =>
  new Problem("provider_unavailable", `${TITLE} could not ${action} the Droplet ${id}`, {
    hint: "It is tried again. If it stays so, look at it in the console of the vendor.",
  });

/** What was just made carries our tags. */
function made(vps: Vps | undefined): Vps {
  if (vps !== undefined) return vps;
  throw new Problem("provider_refused", `${TITLE} did not keep the tags of a new Droplet`);
}
