import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { type Description, openContract } from "./contract.ts";
import { firstBoot } from "./first-boot.ts";
import type { SimulatedVendor, VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";
import { plans, templates, zones } from "./upcloud/catalog.ts";
import { addressOf, detailOf, listedOf, type UpcloudServer } from "./upcloud/server.ts";

/** How long a server is in maintenance before it is started, and how long a stop takes. */
const BUILD_MS = 45_000;
const STOP_MS = 15_000;
const ACCOUNT = { username: "hub", password: "upcloud-password-of-the-hub" };

const Labels = z.object({ label: z.array(z.object({ key: z.string(), value: z.string() })) });
const Create = z.object({
  server: z.object({
    zone: z.string(),
    title: z.string(),
    hostname: z.string(),
    plan: z.string(),
    metadata: z.enum(["yes", "no"]).default("no"),
    user_data: z.string().default(""),
    labels: Labels.default({ label: [] }),
    storage_devices: z.object({
      storage_device: z
        .array(z.object({ action: z.literal("clone"), storage: z.string(), size: z.number() }))
        .length(1),
    }),
  }),
});
const Modify = z.object({ server: z.object({ plan: z.string().optional() }) });

/**
 * UpCloud, https://developers.upcloud.com/1.3/. States and answers as in the vendor's recorded traffic: a new server is in `maintenance`,
 * then `started`; a stop answers `started` and takes its time.
 */
export async function startUpcloud(habits: VendorHabits = {}): Promise<SimulatedVendor> {
  const clock = createClock();
  const servers = new Map<string, UpcloudServer>();
  let ever = 0;
  let soldOut = false;
  let most = Number.POSITIVE_INFINITY;

  /** What time has done to a server. */
  const settle = (server: UpcloudServer) => {
    if (server.next !== undefined && clock.now() >= server.next.at) {
      server.state = server.next.state;
      server.next = undefined;
    }
    return server;
  };
  const add = (parts: Omit<UpcloudServer, "uuid" | "number" | "createdAt" | "next">) => {
    ever += 1;
    const server: UpcloudServer = {
      ...parts,
      uuid: randomUUID(),
      number: ever,
      createdAt: clock.now(),
      next: undefined,
    };
    servers.set(server.uuid, server);
    return server;
  };
  const shown = (server: UpcloudServer) => {
    const address = addressOf(server);
    return detailOf(server, habits.tellsAddress?.(server.uuid, address) ?? address);
  };
  const find = (c: Context) => {
    const server = servers.get(c.req.param("uuid") ?? "");
    return server === undefined ? undefined : settle(server);
  };
  const missing = (c: Context) => fail(c, 404, "SERVER_NOT_FOUND", `The server ${c.req.param("uuid")} does not exist.`);

  const app = new Hono().basePath("/1.3");
  const expected = `Basic ${Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString("base64")}`;
  app.use(async (c, next) => {
    if (c.req.header("authorization") === expected) return next();
    return fail(c, 401, "AUTHENTICATION_FAILED", "Authentication failed using the given username and password.");
  });
  app.get("/plan", (c) => c.json({ plans: { plan: plans } }));
  app.get("/zone", (c) => c.json({ zones: { zone: zones } }));
  app.get("/storage/template", (c) => c.json({ storages: { storage: templates } }));

  app.get("/server", (c) => {
    const wanted = c.req.queries("label") ?? [];
    const offset = Number(c.req.query("offset") ?? 0);
    const limit = Math.min(20, Number(c.req.query("limit") ?? 20));
    const found = [...servers.values()].map(settle).filter(({ labels }) =>
      wanted.every((filter) => {
        const [key, value] = filter.split("=");
        return labels.some((label) => label.key === key && (value === undefined || label.value === value));
      }),
    );
    return c.json({ servers: { server: found.slice(offset, offset + limit).map(listedOf) } });
  });

  app.post("/server", async (c) => {
    const { server } = Create.parse(await c.req.json());
    const [device] = server.storage_devices.storage_device;
    const plan = plans.find(({ name }) => name === server.plan);
    const template = templates.find(({ uuid }) => uuid === device?.storage);
    if (!zones.some(({ id }) => id === server.zone)) return fail(c, 404, "ZONE_NOT_FOUND", "The zone does not exist.");
    if (plan === undefined) return fail(c, 400, "PLAN_INVALID", `The plan ${server.plan} is not valid.`);
    if (template === undefined)
      return fail(c, 404, "STORAGE_NOT_FOUND", `The storage ${device?.storage} does not exist.`);
    if (device === undefined || device.size < template.size)
      return fail(c, 400, "SIZE_INVALID", "The size is not valid.");
    if (server.metadata === "no" && template.template_type === "cloud-init")
      return fail(c, 400, "METADATA_DISABLED_ON_CLOUD-INIT", "Metadata has to be enabled with this template.");
    if (!/^[a-z0-9]([a-z0-9.-]{0,126}[a-z0-9])?$/i.test(server.hostname))
      return fail(c, 400, "HOSTNAME_INVALID", "The hostname is not valid.");
    const { label: labels } = server.labels;
    if (new Set(labels.map(({ key }) => key)).size < labels.length)
      return fail(c, 409, "DUPLICATE_LABEL_KEYS", "A label is given twice.");
    if (soldOut) return fail(c, 409, "SERVER_RESOURCES_UNAVAILABLE", `There is no room for it in ${server.zone}.`);
    if (servers.size >= most) return fail(c, 403, "SERVER_CORE_LIMIT_REACHED", "The account may have no more cores.");
    const { user_data: userData, ...rest } = server;
    const added = add({ ...rest, labels, userData, diskGb: device.size, state: "maintenance" });
    const bootMs = BUILD_MS + (habits.extraBootMs?.() ?? 0);
    added.next = { at: clock.now() + bootMs, state: "started" };
    clock.after(bootMs, () => habits.onFirstBoot?.({ id: added.uuid, userData, address: addressOf(added) }));
    return c.json({ server: { ...shown(added), password: "", username: "root", progress: "0" } }, 202);
  });

  app.get("/server/:uuid", (c) => {
    const server = find(c);
    return server === undefined ? missing(c) : c.json({ server: shown(server) });
  });
  app.put("/server/:uuid", async (c) => {
    const { server: change } = Modify.parse(await c.req.json());
    const server = find(c);
    if (server === undefined) return missing(c);
    if (change.plan !== undefined) {
      if (!plans.some(({ name }) => name === change.plan))
        return fail(c, 400, "PLAN_INVALID", "The plan is not valid.");
      if (server.state !== "stopped") return illegal(c, server);
      if (soldOut) return fail(c, 409, "SERVER_RESOURCES_UNAVAILABLE", `There is no room for it in ${server.zone}.`);
      server.plan = change.plan;
    }
    return c.json({ server: shown(server) }, 202);
  });
  app.post("/server/:uuid/stop", (c) => {
    const server = find(c);
    if (server === undefined) return missing(c);
    if (server.state !== "started") return illegal(c, server);
    server.next = { at: clock.now() + STOP_MS, state: "stopped" };
    return c.json({ server: shown(server) });
  });
  app.post("/server/:uuid/start", (c) => {
    const server = find(c);
    if (server === undefined) return missing(c);
    if (server.state !== "stopped") return illegal(c, server);
    server.state = "started";
    return c.json({ server: shown(server) });
  });
  app.delete("/server/:uuid", (c) => {
    const server = find(c);
    if (server === undefined) return missing(c);
    if (server.state !== "stopped" && server.state !== "error") return illegal(c, server);
    servers.delete(server.uuid);
    return c.body(null, 204);
  });

  const simulator = await startSimulator({ contract: openContract("upcloud", mend), app, basePath: "/1.3" });
  return Object.assign(simulator, {
    clock,
    credentials: ACCOUNT,
    creating: /^POST \/server$/,
    firstBootOf: (id: string) => {
      const userData = servers.get(id)?.userData;
      return userData === undefined ? undefined : { userData, outcome: firstBoot(userData) };
    },
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = servers.size + vpss;
    },
    rentByHand: () => {
      const own = { title: "mine", hostname: "mine.example", zone: "de-fra1", plan: "1xCPU-1GB", diskGb: 25 };
      return add({ ...own, labels: [{ key: "team", value: "web" }], userData: "", state: "started" }).uuid;
    },
    has: (id: string) => servers.has(id),
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds) },
      body: { error: { error_code: "RATE_LIMITED", error_message: "Too many requests." } },
    }),
  });
}

/** https://developers.upcloud.com/1.3/2-errors/ */
const fail = (c: Context, status: 400 | 401 | 403 | 404 | 409, code: string, message: string) =>
  c.json({ error: { error_code: code, error_message: message } }, status);

const illegal = (c: Context, { uuid, state }: UpcloudServer) =>
  fail(c, 409, "SERVER_STATE_ILLEGAL", `The server ${uuid} is in the state ${state}, in which this cannot be done.`);

/** What the recordings, from which the description was inferred, do not show. */
function mend({ paths }: Description): void {
  // Filters and pages of lists: request/label.go and request/server.go in https://github.com/UpCloudLtd/upcloud-go-api
  const query = (name: string, schema: object) => ({ name, in: "query", schema });
  const list = paths["/server"]?.get;
  const filters = [
    query("label", { type: "array" }),
    query("limit", { type: "integer" }),
    query("offset", { type: "integer" }),
  ];
  if (typeof list === "object" && list !== null) Object.assign(list, { parameters: filters });
  // https://developers.upcloud.com/1.3/9-storages/#list-storages: public templates belong to no zone, and have no label or tier.
  const template = {
    type: "object",
    properties: {
      uuid: { type: "string" },
      title: { type: "string" },
      size: { type: "integer" },
      type: { const: "template" },
    },
    required: ["uuid", "title", "size", "type", "access", "state"],
  };
  const body = {
    type: "object",
    properties: { storages: { type: "object", properties: { storage: { type: "array", items: template } } } },
  };
  paths["/storage/template"] = {
    get: { responses: { "200": { content: { "application/json": { schema: body } } } } },
  };
}
