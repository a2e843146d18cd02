import { type Context, Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { addressOf, type ContaboInstance, createdOf, detailOf, products, whose } from "./contabo/instance.ts";
import { mendContabo, TOKEN_PATH } from "./contabo/mend.ts";
import { contaboTokens } from "./contabo/oauth.ts";
import { openContract } from "./contract.ts";
import { firstBoot } from "./first-boot.ts";
import type { SimulatedVendor, VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";

/** Shorter than life, where it is minutes and may be hours. */
const PROVISION_MS = 20_000;
const INSTALL_MS = 20_000;
const POWER_MS = 30_000;
const DAY_MS = 86_400_000;

const ACCOUNT = {
  clientId: "DE-12345",
  clientSecret: "contabo-secret-of-the-hub",
  apiUser: "ada+hub@example.com",
  apiPassword: "tr0ub4dor&3 = spaces+",
};

/** Contabo's, which can say more. */
export interface SimulatedContabo extends SimulatedVendor {
  /** Takes back all tokens that there are. */
  revokeTokens(): void;
  /** Tokens ever handed out. */
  tokensIssued(): number;
  statusOf(id: string): string | undefined;
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
export async function startContabo(habits: VendorHabits = {}): Promise<SimulatedContabo> {
  const clock = createClock();
  const instances = new Map<number, ContaboInstance>();
  let ever = 0;
  let soldOut = false;
  let most = Number.POSITIVE_INFINITY;
  const tokens = contaboTokens(ACCOUNT, clock);

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
    parts: Pick<ContaboInstance, "productId" | "region" | "imageId" | "displayName" | "userData">,
    months = 1,
  ) => {
    ever += 1;
    const id = 100_000 + ever;
    const times = { createdAt: clock.now(), termEndsAt: clock.now() + months * 30 * DAY_MS };
    const instance: ContaboInstance = {
      ...parts,
      ...times,
      id,
      status: "provisioning",
      cancelledOn: undefined,
      ahead: [],
    };
    const bootMs = PROVISION_MS + INSTALL_MS + (habits.extraBootMs?.() ?? 0);
    instance.ahead = [
      { at: clock.now() + PROVISION_MS, status: "installing" },
      { at: clock.now() + bootMs, status: "running" },
    ];
    const boot = { id: String(id), userData: parts.userData, address: addressOf(instance) };
    clock.after(bootMs, () => habits.onFirstBoot?.(boot));
    instances.set(id, instance);
    return instance;
  };

  const shown = (instance: ContaboInstance) => {
    const address = addressOf(instance);
    return detailOf(instance, habits.tellsAddress?.(String(instance.id), address) ?? address);
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
    return c.json(pageOf(c, found.map(shown)));
  });
  app.post("/v1/compute/instances", async (c) => {
    const order = Create.safeParse(await c.req.json());
    if (!order.success) return fail(c, 400, "Bad Request");
    const { productId, region, imageId, period } = order.data;
    if (!Object.hasOwn(products, productId)) return fail(c, 400, `Product ${productId} does not exist`);
    if (!dataCenters.some((center) => center.regionSlug === region)) return fail(c, 400, "Region does not exist");
    if (!images.some((image) => image.imageId === imageId)) return fail(c, 404, "Image not found");
    const rented = there().filter(({ cancelledOn }) => cancelledOn === undefined);
    if (rented.length >= most) return fail(c, 402, "Request refused as it requires additional payed service");
    const instance = add(order.data, period);
    if (soldOut) Object.assign(instance, { status: "product_not_available", ahead: [] });
    return c.json(one(c, createdOf(instance)), 201);
  });
  app.get("/v1/compute/instances/:id", (c) => {
    const instance = find(c);
    return instance === undefined ? missing(c) : c.json(one(c, shown(instance)));
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
  const simulator = await startSimulator({
    contract: openContract("contabo", mendContabo),
    app,
    parse: { "application/x-www-form-urlencoded": readForm },
  });
  const seen = (id: string) => there().find((instance) => instance.id === Number(id));
  return Object.assign(simulator, {
    clock,
    credentials: ACCOUNT,
    creating: /^POST \/v1\/compute\/instances$/,
    firstBootOf: (id: string) => {
      const userData = seen(id)?.userData;
      return userData === undefined ? undefined : { userData, outcome: firstBoot(userData) };
    },
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = there().filter(({ cancelledOn }) => cancelledOn === undefined).length + vpss;
    },
    rentByHand: () => {
      const own = { productId: "V91", region: "EU", imageId: "", displayName: "mine", userData: "" };
      return String(add(own).id);
    },
    has: (id: string) => seen(id) !== undefined,
    endsAt: (id: string) => {
      const instance = seen(id);
      return instance?.cancelledOn === undefined ? undefined : instance.termEndsAt;
    },
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds) },
      body: { statusCode: 429, message: "Rate-limit reached. Please wait for some time before doing more requests." },
    }),
    revokeTokens: () => tokens.issued.clear(),
    tokensIssued: () => tokens.granted(),
    statusOf: (id: string) => seen(id)?.status,
  });
}

const fail = (c: Context, statusCode: 400 | 401 | 402 | 404 | 409, message: string) =>
  c.json({ statusCode, message }, statusCode);

const missing = (c: Context) => fail(c, 404, `Entity with ID ${c.req.param("id")} not found`);

/** "For convenience reasons this data field is always returned as an array even if it consists of only one single element." */
const one = (c: Context, data: object) => ({ data: [data], _links: { self: c.req.path } });

function pageOf(c: Context, all: readonly object[]) {
  const [page, size] = [Number(c.req.query("page") ?? 1), Math.min(25, Number(c.req.query("size") ?? 10))];
  const totalPages = Math.ceil(all.length / size);
  const links = { first: `${c.req.path}?page=1`, self: c.req.path, last: `${c.req.path}?page=${totalPages}` };
  const data = all.slice((page - 1) * size, page * size);
  return { data, _pagination: { page, size, totalElements: all.length, totalPages }, _links: links };
}
