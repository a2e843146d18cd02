import { type Context, Hono } from "hono";
import { z } from "zod";
import { type ContaboInstance, createdOf, detailOf, products, whose } from "./contabo/instance.ts";
import { mendContabo, TOKEN_PATH } from "./contabo/mend.ts";
import { type ContaboAccount, contaboTokens } from "./contabo/oauth.ts";
import { openContract } from "./contract.ts";
import { readCloudConfig } from "./first-boot.ts";
import { type Simulator, startSimulator } from "./simulator.ts";
import type { VendorClock } from "./vendor-clock.ts";

const PROVISION_MS = 600_000;
const INSTALL_MS = 300_000;
const POWER_MS = 30_000;
const DAY_MS = 86_400_000;

export const contaboAccount = {
  clientId: "DE-12345",
  clientSecret: "nE4fV2bQ8sLx",
  apiUser: "ada@example.com",
  apiPassword: "tr0ub4dor&3 + spaces",
} satisfies ContaboAccount;

export interface ContaboSimulator {
  readonly vendor: Simulator;
  /** By id; those that are there, cancelled or not. */
  readonly instances: ReadonlyMap<number, ContaboInstance>;
  /** All that were ever ordered: each is a bill. */
  readonly made: readonly ContaboInstance[];
  /** Tokens ever handed out. */
  readonly tokens: ReadonlyMap<string, { expiresAt: number }>;
  /** Puts an instance into the account that is none of ours. */
  addForeign(): ContaboInstance;
}

const Create = z.object({
  period: z.literal([1, 3, 6, 12]),
  productId: z.string(),
  region: z.string(),
  imageId: z.string(),
  userData: z.string().default(""),
  displayName: z.string().default(""),
});

const images = [
  { imageId: "afecbb85-e2fc-46f0-9684-b46b1faf00bb", name: "ubuntu-22.04", version: "22.04" },
  { imageId: "d64d5c6c-9dda-4e38-8174-0ee282474d8a", name: "debian-12", version: "12" },
].map((image) => ({
  ...{
    ...image,
    ...whose,
    description: "",
    url: "",
    sizeMb: 2048,
    uploadedSizeMb: 0,
    osType: "Linux",
    format: "qcow2",
  },
  ...{ status: "downloaded", errorMessage: "", standardImage: true, creationDate: "2026-01-01T00:00:00Z" },
  ...{ lastModifiedDate: "2026-01-01T00:00:00Z", tags: [] },
}));

const dataCenters = [
  {
    slug: "EU1",
    name: "European Union 1",
    regionSlug: "EU",
    regionName: "European Union",
    capabilities: ["VPS", "VDS"],
  },
  { slug: "EU2", name: "European Union 2", regionSlug: "EU", regionName: "European Union", capabilities: ["VPS"] },
  { slug: "UK1", name: "United Kingdom 1", regionSlug: "UK", regionName: "United Kingdom", capabilities: ["VPS"] },
  { slug: "US9", name: "Buckets only", regionSlug: "US-none", regionName: "Nowhere", capabilities: ["Object-Storage"] },
].map((center) => ({ ...center, ...whose, s3Url: "s3.example.com" }));

/**
 * Contabo, https://api.contabo.com: a slow, monthly provider. What is ordered is paid for its term, can be cancelled to the end of it, and
 * is there until then.
 */
export async function startContabo({
  clock,
  account = contaboAccount,
}: {
  readonly clock: VendorClock;
  readonly account?: ContaboAccount;
}): Promise<ContaboSimulator> {
  const instances = new Map<number, ContaboInstance>();
  const made: ContaboInstance[] = [];
  const tokens = contaboTokens(account, clock);

  const settle = (instance: ContaboInstance) => {
    for (let next = instance.ahead[0]; next !== undefined && clock.now() >= next.at; next = instance.ahead[0]) {
      instance.ahead.shift();
      instance.status = next.status;
    }
    if (instance.cancelledOn !== undefined && clock.now() >= instance.termEndsAt) instances.delete(instance.id);
    return instance;
  };
  const there = () => [...instances.values()].map(settle).filter(({ id }) => instances.has(id));
  const find = (c: Context) => there().find(({ id }) => id === Number(c.req.param("id")));
  const add = (
    parts: Pick<ContaboInstance, "productId" | "region" | "imageId" | "displayName" | "boot">,
    months = 1,
  ) => {
    const id = 100_000 + made.length + 1;
    const times = { createdAt: clock.now(), termEndsAt: clock.now() + months * 30 * DAY_MS };
    const instance: ContaboInstance = {
      ...parts,
      ...times,
      id,
      status: "provisioning",
      cancelledOn: undefined,
      ahead: [],
    };
    const last = typeof parts.boot === "string" ? "error" : "running";
    instance.ahead = [
      { at: clock.now() + PROVISION_MS, status: "installing" },
      { at: clock.now() + PROVISION_MS + INSTALL_MS, status: last },
    ];
    made.push(instance);
    instances.set(id, instance);
    return instance;
  };

  const app = new Hono();
  app.post(TOKEN_PATH, async (c) => {
    const { status, body } = tokens.grant(Object.fromEntries(new URLSearchParams(await c.req.text())));
    return c.json(body, status);
  });
  app.use("/v1/*", async (c, next) =>
    tokens.isGood(c.req.header("authorization"))
      ? next()
      : fail(c, 401, "You did not supply valid authentication credentials"),
  );
  app.get("/v1/data-centers", (c) => c.json(pageOf(c, dataCenters)));
  app.get("/v1/compute/images", (c) => {
    const { name, standardImage } = c.req.query();
    const wanted = images.filter((image) => name === undefined || image.name.includes(name));
    return c.json(pageOf(c, standardImage === "false" ? [] : wanted));
  });
  app.get("/v1/compute/instances", (c) => {
    const { displayName = "" } = c.req.query();
    const found = there().filter((instance) => instance.displayName.includes(displayName));
    return c.json(pageOf(c, found.map(detailOf)));
  });
  app.post("/v1/compute/instances", async (c) => {
    const order = Create.safeParse(await c.req.json());
    if (!order.success) return fail(c, 400, "Bad Request");
    const { productId, region, imageId, period } = order.data;
    if (!Object.hasOwn(products, productId)) return fail(c, 400, `Product ${productId} does not exist`);
    if (!dataCenters.some((center) => center.regionSlug === region)) return fail(c, 400, "Region does not exist");
    if (!images.some((image) => image.imageId === imageId)) return fail(c, 404, "Image not found");
    const instance = add({ ...order.data, boot: readCloudConfig(order.data.userData) }, period);
    return c.json(one(c, createdOf(instance)), 201);
  });
  app.get("/v1/compute/instances/:id", (c) => {
    const instance = find(c);
    return instance === undefined ? missing(c) : c.json(one(c, detailOf(instance)));
  });
  app.patch("/v1/compute/instances/:id", async (c) => {
    const { displayName } = z.object({ displayName: z.string().optional() }).parse(await c.req.json());
    const instance = find(c);
    if (instance === undefined) return missing(c);
    instance.displayName = displayName ?? instance.displayName;
    return c.json(one(c, createdOf(instance)));
  });
  app.post("/v1/compute/instances/:id/cancel", (c) => {
    const instance = find(c);
    if (instance === undefined) return missing(c);
    if (instance.cancelledOn !== undefined) return fail(c, 409, "Instance is already cancelled");
    instance.cancelledOn = new Date(instance.termEndsAt).toISOString().slice(0, 10);
    return c.json(one(c, { ...whose, instanceId: instance.id, cancelDate: instance.cancelledOn }), 201);
  });
  app.post("/v1/compute/instances/:id/actions/:action", (c) => {
    const action = c.req.param("action");
    const instance = find(c);
    if (instance === undefined) return missing(c);
    if (!["running", "stopped"].includes(instance.status)) return fail(c, 409, `Instance is ${instance.status}`);
    // "If the compute instance is already stopped nothing will happen."
    instance.ahead = [{ at: clock.now() + POWER_MS, status: action === "start" ? "running" : "stopped" }];
    return c.json(one(c, { ...whose, instanceId: instance.id, action }), 201);
  });

  const readForm = (text: string) => Object.fromEntries(new URLSearchParams(text));
  const vendor = await startSimulator({
    contract: openContract("contabo", mendContabo),
    app,
    parse: { "application/x-www-form-urlencoded": readForm },
  });
  const addForeign = () =>
    add({
      productId: "V91",
      region: "EU",
      imageId: "",
      displayName: "mine",
      boot: readCloudConfig("#cloud-config\n{}"),
    });
  return { vendor, instances, made, tokens: tokens.issued, addForeign };
}

const fail = (c: Context, statusCode: 400 | 401 | 404 | 409, message: string) =>
  c.json({ statusCode, message }, statusCode);

const missing = (c: Context) => fail(c, 404, `Entity with ID ${c.req.param("id")} not found`);

/** "For convenience reasons this data field is always returned as an array even if it consists of only one single element." */
const one = (c: Context, data: object) => ({ data: [data], _links: { self: c.req.path } });

function pageOf(c: Context, all: readonly object[]) {
  const [page, size] = [Number(c.req.query("page") ?? 1), Number(c.req.query("size") ?? 10)];
  const totalPages = Math.ceil(all.length / size);
  const links = { first: `${c.req.path}?page=1`, self: c.req.path, last: `${c.req.path}?page=${totalPages}` };
  const data = all.slice((page - 1) * size, page * size);
  return { data, _pagination: { page, size, totalElements: all.length, totalPages }, _links: links };
}
