import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { openContract } from "./contract.ts";
import { firstBoot } from "./first-boot.ts";
import { flavors, images, regions } from "./ovh/catalog.ts";
import { checkSignature, type OvhKeys } from "./ovh/signature.ts";
import type { SimulatedVendor, VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";

const BUILD_MS = 40_000;
const POWER_MS = 10_000;
const RESIZE_MS = 60_000;
const VERIFY_MS = 5_000;
const DELETE_MS = 20_000;
/** The vendor's clock is not the hub's: who signs with the own one is refused. */
const SKEW_MS = 3_600_000;

type State = "BUILD" | "ACTIVE" | "SHUTOFF" | "RESIZE" | "VERIFY_RESIZE" | "DELETING" | "DELETED" | "ERROR";

interface OvhInstance {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly region: string;
  readonly imageId: string;
  readonly createdAt: number;
  readonly userData: string;
  flavorId: string;
  status: State;
  /** What becomes of it by itself, in order. */
  ahead: { readonly at: number; readonly status: State; readonly flavorId?: string }[];
}

/** OVHcloud's, of which more can be seen and done. */
export interface SimulatedOvh extends SimulatedVendor {
  /** Sets the vendor's clock by so many seconds. */
  setClock(bySeconds: number): void;
  nameOf(id: string): string | undefined;
  /** Has Nova find no host for it. */
  breakDown(id: string): void;
}

const KEYS = {
  applicationKey: "7kbG7Bk7S9Nt7ZSV",
  applicationSecret: "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
  consumerKey: "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
} satisfies OvhKeys;
const PROJECT = "a212000000000000000000000000001a";

const Create = z.object({
  name: z.string().max(255),
  region: z.string(),
  flavorId: z.string(),
  imageId: z.string(),
  userData: z.string().default(""),
});

/** The Public Cloud of OVHcloud, https://api.ovh.com/console/?section=%2Fcloud. States are those of OpenStack's Nova below it. */
export async function startOvh(habits: VendorHabits = {}): Promise<SimulatedOvh> {
  const clock = createClock();
  const instances = new Map<string, OvhInstance>();
  let ever = 0;
  let soldOut = false;
  let skewMs = SKEW_MS;
  const vendorSeconds = () => Math.floor((clock.now() + skewMs) / 1000);
  let most = Number.POSITIVE_INFINITY;
  /** Flavours as they are on the shelf now. */
  const shelf = () =>
    flavors.map((flavor) => ({
      ...flavor,
      available: !soldOut,
      quota: Math.max(0, Math.min(20, most - instances.size)),
    }));

  const settle = (instance: OvhInstance) => {
    for (let next = instance.ahead[0]; next !== undefined && clock.now() >= next.at; next = instance.ahead[0]) {
      instance.ahead.shift();
      instance.status = next.status;
      if (next.flavorId !== undefined) instance.flavorId = next.flavorId;
    }
    if (instance.status === "DELETED") instances.delete(instance.id);
    return instance;
  };
  const find = (c: Context) => {
    const instance = instances.get(c.req.param("id") ?? "");
    return instance === undefined || settle(instance).status === "DELETED" ? undefined : instance;
  };
  const add = (parts: Pick<OvhInstance, "name" | "region" | "imageId" | "flavorId" | "status" | "userData">) => {
    const id = randomUUID();
    ever += 1;
    const instance: OvhInstance = { ...parts, id, number: ever, createdAt: clock.now(), ahead: [] };
    instances.set(id, instance);
    return instance;
  };
  const summary = ({ id, number, name, region, imageId, flavorId, status, createdAt }: OvhInstance) => {
    const address = addressOf({ number });
    const addresses = [
      {
        ip: habits.tellsAddress?.(id, address) ?? address,
        type: "public",
        version: 4,
        networkId: "",
        gatewayIp: "51.210.0.254",
      },
      { ip: `2001:41d0:304::${number.toString(16)}`, type: "public", version: 6, networkId: "", gatewayIp: "" },
    ];
    const ipAddresses = status === "BUILD" || status === "ERROR" ? [] : addresses;
    const created = new Date(createdAt).toISOString();
    return { id, name, region, imageId, flavorId, status, created, ipAddresses, operationIds: [] };
  };
  const detail = (instance: OvhInstance) => {
    const { imageId, flavorId, ...rest } = summary(instance);
    return {
      ...rest,
      image: images.find(({ id }) => id === imageId),
      flavor: shelf().find(({ id }) => id === flavorId),
    };
  };

  const app = new Hono().basePath("/1.0");
  app.get("/auth/time", (c) => c.json(vendorSeconds()));
  app.use("/cloud/*", async (c, next) => {
    const refusal = checkSignature(c.req.raw, await c.req.raw.clone().text(), KEYS, vendorSeconds());
    if (refusal !== undefined) return c.json(refusal.body, refusal.status);
    if (!c.req.path.startsWith(`/1.0/cloud/project/${PROJECT}/`))
      return refuse(c, 404, "NotFound", "This service does not exist");
    return next();
  });
  const cloud = app.basePath(`/cloud/project/${PROJECT}`);
  const inRegion = (c: Context, { region }: { region: string }) => region === (c.req.query("region") ?? region);
  cloud.get("/region", (c) => c.json(regions.map(({ name }) => name)));
  cloud.get("/region/:region", (c) => c.json(regions.find(({ name }) => name === c.req.param("region"))));
  cloud.get("/flavor", (c) => c.json(shelf().filter((flavor) => inRegion(c, flavor))));
  cloud.get("/image", (c) => c.json(images.filter((image) => inRegion(c, image))));

  cloud.get("/instance", (c) => {
    const here = [...instances.values()].map(settle).filter((instance) => instance.status !== "DELETED");
    return c.json(here.filter((instance) => inRegion(c, instance)).map(summary));
  });
  cloud.post("/instance", async (c) => {
    const order = Create.parse(await c.req.json());
    const flavor = shelf().find(({ id, region }) => id === order.flavorId && region === order.region);
    const image = images.find(({ id, region }) => id === order.imageId && region === order.region);
    if (flavor === undefined) return refuse(c, 404, "NotFound", "Flavor not found");
    if (image === undefined) return refuse(c, 404, "NotFound", "Image not found");
    if (!flavor.available) return refuse(c, 400, "BadRequest", "Flavor is not available");
    if (flavor.quota < 1) return refuse(c, 403, "Forbidden", "Quota exceeded");
    const instance = add({ ...order, status: "BUILD" });
    const bootMs = BUILD_MS + (habits.extraBootMs?.() ?? 0);
    instance.ahead = [{ at: clock.now() + bootMs, status: "ACTIVE" }];
    const { id, userData } = instance;
    clock.after(bootMs, () => habits.onFirstBoot?.({ id, userData, address: addressOf(instance) }));
    return c.json(detail(instance));
  });
  cloud.get("/instance/:id", (c) => {
    const instance = find(c);
    return instance === undefined ? missing(c) : c.json(detail(instance));
  });
  cloud.delete("/instance/:id", (c) => {
    const instance = find(c);
    if (instance === undefined) return missing(c);
    instance.status = "DELETING";
    instance.ahead = [{ at: clock.now() + DELETE_MS, status: "DELETED" }];
    return c.json(null);
  });
  /** Nova takes one action at a time, and only in some states. */
  const act = (c: Context, from: readonly State[], ahead: (instance: OvhInstance) => OvhInstance["ahead"]) => {
    const instance = find(c);
    if (instance === undefined) return missing(c);
    if (instance.ahead.length === 0 && from.includes(instance.status)) {
      instance.ahead = ahead(instance);
      return settle(instance);
    }
    return refuse(c, 409, "Conflict", `Cannot do this while the instance is in vm_state ${instance.status}`);
  };
  cloud.post("/instance/:id/start", (c) => {
    const done = act(c, ["SHUTOFF"], () => [{ at: clock.now() + POWER_MS, status: "ACTIVE" }]);
    return done instanceof Response ? done : c.json(null);
  });
  cloud.post("/instance/:id/stop", (c) => {
    const done = act(c, ["ACTIVE"], () => [{ at: clock.now() + POWER_MS, status: "SHUTOFF" }]);
    return done instanceof Response ? done : c.json(null);
  });
  cloud.post("/instance/:id/resize", async (c) => {
    const { flavorId } = z.object({ flavorId: z.string() }).parse(await c.req.json());
    const wanted = shelf().find(({ id }) => id === flavorId);
    const instance = find(c);
    const present = shelf().find(({ id }) => id === instance?.flavorId);
    if (wanted === undefined || wanted.region !== instance?.region)
      return refuse(c, 404, "NotFound", "Flavor not found");
    if (!wanted.available) return refuse(c, 400, "BadRequest", "Flavor is not available");
    if (wanted.disk < (present?.disk ?? 0))
      return refuse(c, 400, "BadRequest", "Resize to a smaller disk is not possible");
    const done = act(c, ["ACTIVE", "SHUTOFF"], ({ status }) => [
      { at: clock.now(), status: "RESIZE" },
      { at: clock.now() + RESIZE_MS, status: "VERIFY_RESIZE", flavorId },
      { at: clock.now() + RESIZE_MS + VERIFY_MS, status },
    ]);
    return done instanceof Response ? done : c.json(detail(done));
  });

  const simulator = await startSimulator({ contract: openContract("ovh"), app, basePath: "/1.0" });
  return Object.assign(simulator, {
    clock,
    credentials: { ...KEYS, project: PROJECT },
    creating: /^POST \/cloud\/project\/\w+\/instance$/,
    firstBootOf: (id: string) => {
      const userData = instances.get(id)?.userData;
      return userData === undefined ? undefined : { userData, outcome: firstBoot(userData) };
    },
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = instances.size + vpss;
    },
    rentByHand: () => {
      const [imageId = "", flavorId = ""] = [images[0]?.id, flavors[0]?.id];
      return add({ name: "mine", region: "GRA11", imageId, flavorId, status: "ACTIVE", userData: "" }).id;
    },
    has: (id: string) => {
      const instance = instances.get(id);
      return instance !== undefined && settle(instance).status !== "DELETED";
    },
    setClock: (bySeconds: number) => {
      skewMs += bySeconds * 1000;
    },
    nameOf: (id: string) => instances.get(id)?.name,
    breakDown: (id: string) => {
      Object.assign(instances.get(id) ?? {}, { status: "ERROR", ahead: [] });
    },
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds) },
      body: { class: "Client::TooManyRequests", message: "Too many requests" },
    }),
  });
}

const refuse = (c: Context, status: 400 | 403 | 404 | 409, kind: string, message: string) =>
  c.json({ class: `Client::${kind}`, message }, status, { "x-ovh-queryid": "EU.ext-3.6561abcd.1234.0a1b" });

const missing = (c: Context) => refuse(c, 404, "NotFound", "Instance not found");

const addressOf = ({ number }: Pick<OvhInstance, "number">) => `51.210.0.${number}`;
