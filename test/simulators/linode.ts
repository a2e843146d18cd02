import { Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { openContract } from "./contract.ts";
import { firstBoot } from "./first-boot.ts";
import { addressOf, eventOf, linodeOf, mendDescription, regions, types } from "./linode-objects.ts";
import { contractOf, type SimulatedVendor, type VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";

export interface SimulatedLinode {
  readonly id: number;
  readonly label: string;
  readonly tags: readonly string[];
  readonly region: string;
  readonly createdAt: number;
  readonly userData: string;
  /** MB; does not follow the type. */
  readonly disk: number;
  type: string;
  status: "provisioning" | "booting" | "running" | "shutting_down" | "offline" | "migrating" | "deleting";
}

export interface SimulatedEvent {
  readonly id: number;
  readonly action: string;
  readonly linode: number;
  readonly startedAt: number;
  status: "started" | "finished";
}

const Order = z.object({
  ...{ type: z.string(), region: z.string(), image: z.string(), label: z.string(), booted: z.literal(true) },
  root_pass: z.string().min(11),
  tags: z.array(z.string().min(3).max(50)),
  metadata: z.object({ user_data: z.string() }),
});
const Resize = z.object({ type: z.string(), allow_auto_disk_resize: z.boolean(), migration_type: z.string() });
const Filter = z.record(z.string(), z.unknown());

/** Decoded; the description contradicts itself, and this is the smaller of its two limits. */
const LONGEST_USER_DATA_BYTES = 16 * 1024;
const TOKEN = "linode-token-of-an-unrestricted-user";

/** Linode with one account: one event at a time on each Linode, told of in the account's events. */
export async function startLinode(habits: VendorHabits = {}): Promise<SimulatedVendor> {
  const clock = createClock();
  const linodes = new Map<number, SimulatedLinode>();
  const events: SimulatedEvent[] = [];
  const boots = new Map<number, { userData: string; outcome: string }>();
  let soldOut = false;
  let most = 1000;
  let lastId = 41_000_000;

  const refusal = (status: 400 | 401 | 404, reason: string, field?: string) =>
    Response.json({ errors: [{ reason, ...(field === undefined ? {} : { field }) }] }, { status });
  const isBusy = (linode: SimulatedLinode) =>
    events.some((event) => event.linode === linode.id && event.status === "started");
  const begin = (action: string, linode: SimulatedLinode, ms: number, end: () => void) => {
    const event: SimulatedEvent = {
      ...{ id: ++lastId, action, linode: linode.id, startedAt: clock.now(), status: "started" },
    };
    events.unshift(event);
    clock.after(ms, () => {
      event.status = "finished";
      end();
    });
  };
  const boot = (linode: SimulatedLinode) => {
    linode.status = "booting";
    const isFirst = !boots.has(linode.id);
    begin("linode_boot", linode, 15_000 + (isFirst ? (habits.extraBootMs?.() ?? 0) : 0), () => {
      linode.status = "running";
      if (!isFirst) return;
      const { id, userData } = linode;
      boots.set(id, { userData, outcome: firstBoot(userData) });
      habits.onFirstBoot?.({ id: String(id), userData, address: addressOf(id) });
    });
  };
  const shown = (linode: SimulatedLinode) => {
    const address = addressOf(linode.id);
    return linodeOf(linode, habits.tellsAddress?.(String(linode.id), address) ?? address);
  };
  const paged = (url: string, all: readonly unknown[]) => {
    const { searchParams } = new URL(url);
    const page = Number(searchParams.get("page") ?? 1);
    // Small, so that tests come to a second page.
    const size = Math.min(25, Number(searchParams.get("page_size") ?? 100));
    const pages = Math.max(1, Math.ceil(all.length / size));
    return Response.json({ data: all.slice((page - 1) * size, page * size), page, pages, results: all.length });
  };
  const filterOf = (c: { req: { header(name: string): string | undefined } }) =>
    Filter.parse(JSON.parse(c.req.header("x-filter") ?? "{}"));

  const app = new Hono().basePath("/v4");
  app.use(async (c, next) => {
    if (c.req.header("authorization") !== `Bearer ${TOKEN}`) return refusal(401, "Invalid Token");
    await next();
    return undefined;
  });
  app.get("/linode/instances", (c) => {
    const { tags } = filterOf(c);
    const found = [...linodes.values()].filter(
      (linode) => tags === undefined || linode.tags.some((tag) => tag === tags),
    );
    return paged(c.req.url, found.map(shown));
  });
  app.post("/linode/instances", async (c) => {
    const order = Order.parse(await c.req.json());
    const { label, tags, region } = order;
    const type = types.find(({ id }) => id === order.type);
    const encoded = order.metadata.user_data;
    const userData = Buffer.from(encoded, "base64").toString();
    if (type === undefined) return refusal(400, "A valid plan type by that ID was not found", "type");
    if (!regions.some(({ id }) => id === region)) return refusal(400, "region is not valid", "region");
    if ([...linodes.values()].some((one) => one.label === label)) {
      return refusal(400, "Label must be unique among your linodes", "label");
    }
    if (Buffer.from(userData).toString("base64") !== encoded || userData.length > LONGEST_USER_DATA_BYTES) {
      return refusal(400, "user_data must be base64 and not too long", "metadata.user_data");
    }
    if (linodes.size >= most) return refusal(400, "Account Limit reached. Please open a support ticket.");
    if (soldOut) return refusal(400, "No capacity for this plan in the region", "type");
    const id = ++lastId;
    const linode: SimulatedLinode = {
      ...{ id, label, tags, region, userData, type: type.id, disk: type.disk },
      ...{ createdAt: clock.now(), status: "provisioning" },
    };
    linodes.set(id, linode);
    begin("linode_create", linode, 20_000, () => boot(linode));
    return c.json(shown(linode));
  });
  app.get("/linode/instances/:id", (c) => {
    const linode = linodes.get(Number(c.req.param("id")));
    return linode === undefined ? refusal(404, "Not found") : c.json(shown(linode));
  });
  app.delete("/linode/instances/:id", (c) => {
    const linode = linodes.get(Number(c.req.param("id")));
    if (linode === undefined) return refusal(404, "Not found");
    if (isBusy(linode)) return refusal(400, "Linode busy.");
    linode.status = "deleting";
    begin("linode_delete", linode, 6000, () => linodes.delete(linode.id));
    return c.json({});
  });

  const resize = (linode: SimulatedLinode, body: unknown): Response | undefined => {
    const wanted = Resize.parse(body);
    const type = types.find(({ id }) => id === wanted.type);
    if (type === undefined) return refusal(400, "A valid plan type by that ID was not found", "type");
    if (soldOut) return refusal(400, "No capacity for this plan in the region", "type");
    if (wanted.allow_auto_disk_resize) return refusal(400, "The simulator resizes no disks.");
    if (type.disk < linode.disk) return refusal(400, "Linode has allocated more disk than the new plan allows.");
    const wasOn = linode.status === "running";
    begin("linode_resize", linode, 120_000, () => {
      linode.type = type.id;
      linode.status = "offline";
      if (wasOn) boot(linode);
    });
    // It is queued for a while.
    clock.after(5000, () => {
      linode.status = "migrating";
    });
    return undefined;
  };
  const actions: Readonly<Record<string, (linode: SimulatedLinode, body: unknown) => Response | undefined>> = {
    resize,
    boot: (linode) => {
      if (linode.status !== "offline") return refusal(400, "Linode is already booted.");
      boot(linode);
      return undefined;
    },
    shutdown: (linode) => {
      if (linode.status !== "running") return refusal(400, "Linode is already off.");
      linode.status = "shutting_down";
      begin("linode_shutdown", linode, 10_000, () => {
        linode.status = "offline";
      });
      return undefined;
    },
  };
  app.post("/linode/instances/:id/:action", async (c) => {
    const linode = linodes.get(Number(c.req.param("id")));
    if (linode === undefined) return refusal(404, "Not found");
    if (isBusy(linode)) return refusal(400, "Linode busy.");
    const text = await c.req.text();
    return actions[c.req.param("action")]?.(linode, text === "" ? undefined : JSON.parse(text)) ?? c.json({});
  });
  app.get("/account/events", (c) => {
    const of = filterOf(c)["entity.id"];
    return paged(c.req.url, events.filter(({ linode }) => of === undefined || linode === of).map(eventOf));
  });
  app.get("/linode/types", (c) => paged(c.req.url, types));
  app.get("/regions", (c) => paged(c.req.url, regions));
  app.get("/regions/:id/availability", (c) => {
    const region = regions.find(({ id }) => id === c.req.param("id"));
    if (region === undefined) return refusal(404, "Not found");
    return c.json(types.map(({ id }) => ({ region: region.id, plan: id, available: !soldOut })));
  });

  const simulator = await startSimulator({
    contract: contractOf(habits, () => openContract("linode", mendDescription)),
    app,
  });
  return Object.assign(simulator, {
    clock,
    credentials: { token: TOKEN },
    creating: /^POST \/v4\/linode\/instances$/,
    firstBootOf: (id: string) => boots.get(Number(id)),
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = linodes.size + vpss;
    },
    rentByHand: () => {
      const id = ++lastId;
      const own = { id, label: `own-${id}`, tags: ["web"], region: "de-fra-2", type: "g6-nanode-1", disk: 25_600 };
      linodes.set(id, { ...own, userData: "", createdAt: clock.now(), status: "running" });
      return String(id);
    },
    has: (id: string) => linodes.has(Number(id)),
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds), "x-ratelimit-limit": "200", "x-ratelimit-remaining": "0" },
      body: { errors: [{ reason: "Too many requests" }] },
    }),
  });
}
