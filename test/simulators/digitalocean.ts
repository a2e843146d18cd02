import { Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { openContract } from "./contract.ts";
import { addressOf, dropletOf, regions, sizes } from "./digitalocean-objects.ts";
import { firstBoot } from "./first-boot.ts";
import { contractOf, type SimulatedVendor, type VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";

export interface SimulatedDroplet {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly region: string;
  readonly createdAt: number;
  /** GB; does not follow the size. */
  readonly disk: number;
  size: string;
  status: "new" | "active" | "off";
  /** An event is pending. */
  locked: boolean;
}

interface SimulatedAction {
  readonly id: number;
  readonly type: string;
  readonly droplet: number;
  readonly startedAt: number;
  completedAt: number | undefined;
}

const Order = z.object({
  ...{ name: z.string(), size: z.string(), region: z.string(), image: z.string() },
  ...{ user_data: z.string(), tags: z.array(z.string().regex(/^[A-Za-z0-9:_-]{1,255}$/)) },
});
const Acting = z.object({ type: z.string(), size: z.string().optional(), disk: z.boolean().optional() });

const LONGEST_USER_DATA_BYTES = 64 * 1024;
const TOKEN = "digitalocean-token-with-all-scopes";

/** DigitalOcean with one account: Droplets have no address until they are made, and are locked while an event is pending. */
export async function startDigitalocean(habits: VendorHabits = {}): Promise<SimulatedVendor> {
  const clock = createClock();
  const droplets = new Map<number, SimulatedDroplet>();
  const actions = new Map<number, SimulatedAction>();
  const boots = new Map<number, { userData: string; outcome: string }>();
  let soldOut = false;
  let most = 1000;
  let lastId = 3_164_000;

  const refusal = (status: 401 | 404 | 422, message: string) =>
    Response.json(
      { id: { 401: "unauthorized", 404: "not_found", 422: "unprocessable_entity" }[status], message },
      { status },
    );
  const begin = (type: string, droplet: SimulatedDroplet, ms: number, end: () => void) => {
    const action: SimulatedAction = {
      ...{ id: ++lastId, type, droplet: droplet.id, startedAt: clock.now(), completedAt: undefined },
    };
    actions.set(action.id, action);
    droplet.locked = true;
    clock.after(ms, () => {
      droplet.locked = false;
      action.completedAt = clock.now();
      end();
    });
    return action;
  };
  const actionOf = ({ id, type, droplet, startedAt, completedAt }: SimulatedAction) => ({
    ...{ id, type, resource_id: droplet, resource_type: "droplet", started_at: new Date(startedAt).toISOString() },
    status: completedAt === undefined ? "in-progress" : "completed",
    completed_at: completedAt === undefined ? null : new Date(completedAt).toISOString(),
    ...{ region: regions[0], region_slug: regions[0]?.slug },
  });
  const shown = (droplet: SimulatedDroplet) => {
    const address = addressOf(droplet.id);
    return dropletOf(droplet, habits.tellsAddress?.(String(droplet.id), address) ?? address);
  };
  const sold = () => sizes.map((size) => ({ ...size, available: size.available && !soldOut }));

  const paged = (url: string, key: string, all: readonly unknown[]) => {
    const { searchParams, origin, pathname } = new URL(url);
    const page = Number(searchParams.get("page") ?? 1);
    // Small, so that tests come to a second page.
    const size = Math.min(25, Number(searchParams.get("per_page") ?? 20));
    const at = (number: number) => `${origin}${pathname}?page=${number}&per_page=${size}`;
    const last = Math.max(1, Math.ceil(all.length / size));
    const pages = page < last ? { next: at(page + 1), last: at(last) } : {};
    const items = all.slice((page - 1) * size, page * size);
    return Response.json({ [key]: items, links: { pages }, meta: { total: all.length } });
  };

  const app = new Hono().basePath("/v2");
  app.use(async (c, next) => {
    if (c.req.header("authorization") !== `Bearer ${TOKEN}`) return refusal(401, "Unable to authenticate you");
    await next();
    return undefined;
  });
  app.get("/account", (c) => {
    const limits = { droplet_limit: most, floating_ip_limit: 5 };
    const owner = { email: "op@example.org", uuid: "b6fr89dbf6d9156cace5f3c78dc9851d957381ef", email_verified: true };
    return c.json({ account: { ...limits, ...owner, status: "active", status_message: "" } });
  });
  app.get("/droplets", (c) => {
    const tag = c.req.query("tag_name");
    const found = [...droplets.values()].filter(({ tags }) => tag === undefined || tags.includes(tag));
    return paged(c.req.url, "droplets", found.map(shown));
  });
  app.post("/droplets", async (c) => {
    const order = Order.parse(await c.req.json());
    const { name, tags, region, user_data: userData } = order;
    const size = sold().find(({ slug }) => slug === order.size);
    const place = regions.find(({ slug }) => slug === region);
    if (size === undefined || place === undefined) return refusal(422, "You specified an invalid size or region.");
    if (Buffer.byteLength(userData) > LONGEST_USER_DATA_BYTES) return refusal(422, "User data is too long.");
    if (droplets.size >= most) return refusal(422, "creating this/these droplet(s) will exceed your droplet limit");
    if (!size.available || !place.available || !size.regions.includes(region)) {
      return refusal(422, "Size is not available in this region.");
    }
    const droplet: SimulatedDroplet = {
      ...{ id: ++lastId, name, tags, region, size: size.slug, disk: size.disk, createdAt: clock.now() },
      ...{ status: "new", locked: false },
    };
    droplets.set(droplet.id, droplet);
    const action = begin("create", droplet, 25_000 + (habits.extraBootMs?.() ?? 0), () => {
      droplet.status = "active";
      boots.set(droplet.id, { userData, outcome: firstBoot(userData) });
      habits.onFirstBoot?.({ id: String(droplet.id), userData, address: addressOf(droplet.id) });
    });
    const href = new URL(`/v2/actions/${action.id}`, c.req.url).href;
    return c.json({ droplet: shown(droplet), links: { actions: [{ id: action.id, rel: "create", href }] } }, 202);
  });
  app.get("/droplets/:id", (c) => {
    const droplet = droplets.get(Number(c.req.param("id")));
    return droplet === undefined ? refusal(404, "not found") : c.json({ droplet: shown(droplet) });
  });
  app.delete("/droplets/:id", (c) => {
    const droplet = droplets.get(Number(c.req.param("id")));
    if (droplet === undefined) return refusal(404, "not found");
    if (droplet.locked) return refusal(422, "Droplet already has a pending event.");
    begin("destroy", droplet, 5000, () => droplets.delete(droplet.id));
    return c.body(null, 204);
  });

  const events: Readonly<
    Record<string, (droplet: SimulatedDroplet, asked: z.output<typeof Acting>) => SimulatedAction | Response>
  > = {
    // Says that the system was asked, not that it obeyed.
    shutdown: (droplet) => {
      clock.after(12_000, () => {
        if (droplet.status === "active") droplet.status = "off";
      });
      return begin("shutdown", droplet, 2000, () => undefined);
    },
    power_off: (droplet) =>
      begin("power_off", droplet, 4000, () => {
        droplet.status = "off";
      }),
    power_on: (droplet) =>
      begin("power_on", droplet, 8000, () => {
        droplet.status = "active";
      }),
    resize: (droplet, { size, disk }) => {
      const wanted = sold().find(({ slug }) => slug === size);
      if (droplet.status !== "off") return refusal(422, "Droplet must be powered off to resize.");
      if (wanted === undefined) return refusal(422, "You specified an invalid size for Droplet resize.");
      if (!wanted.available) return refusal(422, "This size is unavailable.");
      if (disk !== false) return refusal(422, "The simulator resizes no disks.");
      if (wanted.disk < droplet.disk) return refusal(422, "This size is smaller than the disk.");
      return begin("resize", droplet, 60_000, () => {
        droplet.size = wanted.slug;
      });
    },
  };
  app.post("/droplets/:id/actions", async (c) => {
    const droplet = droplets.get(Number(c.req.param("id")));
    if (droplet === undefined) return refusal(404, "not found");
    if (droplet.locked) return refusal(422, "Droplet already has a pending event.");
    const asked = Acting.parse(await c.req.json());
    const begun = events[asked.type]?.(droplet, asked) ?? refusal(422, "You specified an invalid type.");
    return begun instanceof Response ? begun : c.json({ action: actionOf(begun) }, 201);
  });
  app.get("/actions/:id", (c) => {
    const action = actions.get(Number(c.req.param("id")));
    return action === undefined ? refusal(404, "not found") : c.json({ action: actionOf(action) });
  });
  app.get("/sizes", (c) => paged(c.req.url, "sizes", sold()));
  app.get("/regions", (c) => paged(c.req.url, "regions", regions));

  const simulator = await startSimulator({ contract: contractOf(habits, () => openContract("digitalocean")), app });
  return Object.assign(simulator, {
    clock,
    credentials: { token: TOKEN },
    creating: /^POST \/v2\/droplets$/,
    firstBootOf: (id: string) => boots.get(Number(id)),
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = droplets.size + vpss;
    },
    rentByHand: () => {
      const id = ++lastId;
      const own = { id, name: `own-${id}`, tags: ["web"], region: "fra1", size: "s-1vcpu-1gb", disk: 25 };
      droplets.set(id, { ...own, createdAt: clock.now(), status: "active", locked: false });
      return String(id);
    },
    has: (id: string) => droplets.has(Number(id)),
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds), "ratelimit-limit": "5000", "ratelimit-remaining": "0" },
      body: { id: "too_many_requests", message: "API rate limit exceeded" },
    }),
  });
}
