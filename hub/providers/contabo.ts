import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored, type VendorRequest } from "../vendor-http.ts";
import {
  DataCenter,
  dataOf,
  Image,
  Instance,
  judge,
  Ordered,
  pageOf,
  regionsOf,
  sizes,
  TITLE,
  UNAVAILABLE,
  vpsOf,
} from "./contabo/answers.ts";
import { contaboTokens } from "./contabo/tokens.ts";
import { defineProvider, type Vps, type VpsLabels } from "./provider.ts";
import { cancelledTagOf, tagOf } from "./vendor/labels-in-name.ts";
import { newestWith } from "./vendor/vps-labels.ts";
import { awaitDone, awaitWithin } from "./vendor/waiting.ts";

const IMAGE = "debian-12";
const PAGE_SIZE = 100;
/** How long a system may take to shut down before it is switched off. */
const SHUTDOWN_MS = 60_000;
/** The shortest contract, in months. */
const PERIOD = 1;

/**
 * Contabo: https://api.contabo.com. A VPS is rented by the month, and there is no way to delete one: `remove` switches it off, cancels it
 * to the end of its term and takes our labels from it, so that it counts no more. Its disk is there until then, and one that was still
 * being set up comes up once more. A VPS has one size for life.
 *
 * There are no idempotency keys, and names need not be unique. The labels are in the name, which is part of the order, and before every
 * order all VPSs are looked through; a second one is left possible only where Contabo takes an order and does not list it by the time of
 * the next try. Such a one carries our labels and is in `list`.
 */
export const contaboProvider = defineProvider({
  name: "contabo",
  title: TITLE,
  Credentials: z.strictObject({
    /** All four: https://my.contabo.com/api/details */
    clientId: z.string().trim().min(1),
    clientSecret: z.string().trim().min(1),
    /** The address with which one logs in. */
    apiUser: z.string().trim().min(1),
    apiPassword: z.string().min(1),
  }),
  secrets: ["clientSecret", "apiPassword"],
  lacks: ["deletion", "resize"],
  // There is nothing smaller than 8 GB, and nothing between 12 and 24.
  defaultSizes: { t1: "V91", t2: "V91", t3: "V97" },
  defaultRegion: "EU",
  open: (credentials, { endpoint, ...tools }) => {
    const secrets = [credentials.clientSecret, credentials.apiPassword];
    const shared = { title: TITLE, secrets, ...tools };
    const tokens = contaboTokens(credentials, { ...shared, endpoint: endpoint ?? "https://auth.contabo.com" });
    const api = createVendorHttp({
      ...shared,
      endpoint: endpoint ?? "https://api.contabo.com",
      // For its support: which request was which.
      headers: async () => ({ authorization: `Bearer ${await tokens.token()}`, "x-request-id": randomUUID() }),
      judge,
    });
    /** Who is refused with a token has had it too long: wrong credentials get none. Nothing was done, and another one may help. */
    const ask = async <Schema extends z.ZodType>(schema: Schema, request: VendorRequest): Promise<z.output<Schema>> => {
      try {
        return await api.ask(schema, request);
      } catch (error) {
        if (!(error instanceof Problem) || error.details?.status !== 401) throw error;
        tokens.forget();
        return api.ask(schema, request);
      }
    };
    const pages = async <Item extends z.ZodType>(
      item: Item,
      path: string,
      query = {},
      page = 1,
    ): Promise<z.output<Item>[]> => {
      const got = await ask(pageOf(item), { method: "GET", path, query: { ...query, page, size: PAGE_SIZE } });
      return page >= got._pagination.totalPages
        ? got.data
        : [...got.data, ...(await pages(item, path, query, page + 1))];
    };

    const look = async (id: string): Promise<Instance | undefined> => {
      if (!/^\d+$/.test(id)) return undefined;
      try {
        const { data } = await ask(dataOf(Instance), { method: "GET", path: `/v1/compute/instances/${id}` });
        return data.find((instance) => vpsOf(instance) !== undefined);
      } catch (error) {
        if (error instanceof Problem && error.code === "not_found") return undefined;
        throw error;
      }
    };
    const get = async (id: string): Promise<Vps | undefined> => {
      const instance = await look(id);
      return instance === undefined ? undefined : vpsOf(instance);
    };
    const present = async (id: string): Promise<Vps> => {
      const vps = await get(id);
      if (vps !== undefined) return vps;
      throw new Problem("not_found", `there is no VPS ${id} at ${TITLE}`);
    };
    // All of them: how its filters compare is not said, and what one hides would be bought again.
    const ours = async () =>
      (await pages(Instance, "/v1/compute/instances")).flatMap((instance) => {
        const vps = vpsOf(instance);
        return vps === undefined ? [] : [{ vps, labels: vps.labels, status: instance.status }];
      });
    const find = async (labels: Partial<VpsLabels>) => newestWith(labels, await ours())?.vps;

    const regions = async () => regionsOf(await pages(DataCenter, "/v1/data-centers"));

    const act = (id: string, action: "start" | "stop" | "shutdown") =>
      ask(Ignored, { method: "POST", path: `/v1/compute/instances/${id}/actions/${action}` });
    const isIn = (id: string, status: Vps["status"]) => async () =>
      (await present(id)).status === status ? { done: undefined } : undefined;
    const power = async (id: string, on: boolean) => {
      const settled = async () => {
        const vps = await present(id);
        return vps.status === "starting" ? undefined : { done: vps };
      };
      const { status } = await awaitDone(tools, `${TITLE}: setting up the VPS`, settled);
      if (on && status === "off") {
        await act(id, "start");
        await awaitDone(tools, `${TITLE}: start`, isIn(id, "active"));
      }
      if (!on && status === "active") {
        await act(id, "shutdown");
        if ((await awaitWithin(tools, SHUTDOWN_MS, isIn(id, "off"))) === undefined) await act(id, "stop");
      }
    };
    const remove = async (id: string) => {
      const instance = await look(id);
      const labels = instance === undefined ? undefined : vpsOf(instance)?.labels;
      if (instance === undefined || labels === undefined) return;
      if (instance.status === "running") await act(id, "stop");
      const path = `/v1/compute/instances/${id}`;
      if (!instance.cancelDate) await ask(Ignored, { method: "POST", path: `${path}/cancel`, body: {} });
      // Last, so that a removal which died halfway finds the VPS and goes on.
      await ask(Ignored, { method: "PATCH", path, body: { displayName: cancelledTagOf(labels) } });
    };
    /** What could not be delivered is taken back. */
    const deliverable = async (id: string, status: string) => {
      if (status !== UNAVAILABLE) return;
      await remove(id);
      throw new Problem("provider_out_of_stock", `${TITLE} has none of these VPSs left`);
    };

    return {
      // Whether a machine learns its id there is not said.
      tells: ["addresses"],
      find,
      get,
      list: async () => (await ours()).map(({ vps }) => vps),
      power,
      remove,
      create: async ({ name, labels, region, size, userData }) => {
        const [all, images, known] = await Promise.all([
          ours(),
          pages(Image, "/v1/compute/images", { standardImage: "true" }),
          regions(),
        ]);
        const there = newestWith(labels, all);
        if (there !== undefined) {
          await deliverable(there.vps.id, there.status);
          return there.vps;
        }
        const image = images.find((one) => one.name === IMAGE);
        if (image === undefined) throw new Problem("provider_refused", `${TITLE} has no image ${IMAGE}`);
        if (!known.some((one) => one.name === region)) {
          const hint = `It has ${known.map((one) => one.name).join(", ")}.`;
          throw new Problem("provider_refused", `${TITLE} has no region ${region}`, { hint });
        }
        const displayName = `${name} (${tagOf(labels)})`;
        const body = {
          ...{ period: PERIOD, productId: size, region, imageId: image.imageId, displayName },
          ...{ userData: userData.cloudConfig, defaultUser: "root" },
        };
        const { data } = await ask(dataOf(Ordered), { method: "POST", path: "/v1/compute/instances", body });
        const made = data.map((ordered) => ({ ordered, vps: vpsOf({ ...ordered, displayName }) }))[0];
        if (made?.vps === undefined)
          throw new Problem("provider_unavailable", `${TITLE} does not say what it made of an order`);
        await deliverable(made.vps.id, made.ordered.status);
        return made.vps;
      },
      resize: async (id, size) => {
        const vps = await present(id);
        if (vps.size !== size) {
          throw new Problem("provider_refused", `a VPS at ${TITLE} has one size for life`, {
            hint: "Move the beacon to a new server of the other size.",
          });
        }
        await power(id, true);
      },
      // It sells the same everywhere.
      sizes: async (region) =>
        region === undefined || (await regions()).some(({ name }) => name === region) ? [...sizes] : [],
      regions,
    };
  },
});
