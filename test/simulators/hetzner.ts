import { Hono } from "hono";
import { z } from "zod";
import { createClock } from "./clock.ts";
import { openContract } from "./contract.ts";
import { firstBoot } from "./first-boot.ts";
import { actionOf, addressOf, locations, pricing, serverOf, serverTypes } from "./hetzner-objects.ts";
import { contractOf, type SimulatedVendor, type VendorHabits } from "./simulated-vendor.ts";
import { startSimulator } from "./simulator.ts";

export interface SimulatedServer {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly location: string;
  readonly createdAt: number;
  readonly userData: string;
  type: string;
  status: "initializing" | "starting" | "running" | "stopping" | "off" | "migrating" | "deleting";
  /** An action is under way. */
  locked: boolean;
}

export interface SimulatedAction {
  readonly id: number;
  readonly command: string;
  readonly server: number;
  readonly startedAt: number;
  status: "running" | "success" | "error";
  finishedAt: number | undefined;
}

const Order = z.object({
  name: z.string(),
  server_type: z.string(),
  location: z.string(),
  labels: z.record(z.string(), z.string()),
  user_data: z.string(),
});

/** Of the operation "Create a Server": https://docs.hetzner.cloud/reference/cloud#servers-create-a-server */
const LONGEST_USER_DATA_BYTES = 32 * 1024;
const TOKEN = "hetzner-token-with-all-rights";
/** Of another token of the same project, which may only look. */
export const READ_ONLY_TOKEN = "hetzner-token-that-only-reads";

export interface SimulatedHetzner extends SimulatedVendor {
  /** @param name The server's; any when absent. */
  rentByHand(name?: string): string;
  /** Has systems not react when they are asked to shut down. */
  ignoreShutdowns(isDeaf: boolean): void;
}

/** Hetzner Cloud with one project: servers step through their states, and an action locks its server until it ends. */
export async function startHetzner(habits: VendorHabits = {}): Promise<SimulatedHetzner> {
  const clock = createClock();
  const servers = new Map<number, SimulatedServer>();
  const actions = new Map<number, SimulatedAction>();
  const boots = new Map<number, { userData: string; outcome: string }>();
  let soldOut = false;
  let deaf = false;
  let most = Number.POSITIVE_INFINITY;
  let lastId = 1000;

  const refusal = (status: 401 | 403 | 404 | 409 | 412 | 422 | 423, code: string) =>
    Response.json({ error: { code, message: `${code.replaceAll("_", " ")} (simulated)`, details: null } }, { status });
  /** Begins an action that locks the server for so long. */
  const begin = (command: string, server: SimulatedServer, ms: number, end: () => void) => {
    const action: SimulatedAction = {
      ...{ id: ++lastId, command, server: server.id, startedAt: clock.now() },
      ...{ status: "running", finishedAt: undefined },
    };
    actions.set(action.id, action);
    server.locked = true;
    clock.after(ms, () => {
      server.locked = false;
      action.status = "success";
      action.finishedAt = clock.now();
      end();
    });
    return action;
  };
  const start = (server: SimulatedServer) => {
    server.status = "starting";
    const isFirst = !boots.has(server.id);
    clock.after(5000 + (isFirst ? (habits.extraBootMs?.() ?? 0) : 0), () => {
      if (server.status !== "starting") return;
      server.status = "running";
      if (!isFirst) return;
      const { userData } = server;
      boots.set(server.id, { userData, outcome: firstBoot(userData) });
      habits.onFirstBoot?.({ id: String(server.id), userData, address: addressOf(server.id) });
    });
  };
  const shown = (server: SimulatedServer) => {
    const address = addressOf(server.id);
    return serverOf(server, habits.tellsAddress?.(String(server.id), address) ?? address);
  };

  const paged = (c: { req: { query(name: string): string | undefined } }, key: string, all: readonly unknown[]) => {
    const page = Number(c.req.query("page") ?? 1);
    // Small, so that tests come to a second page.
    const size = Math.min(25, Number(c.req.query("per_page") ?? 25));
    const last = Math.max(1, Math.ceil(all.length / size));
    const pagination = {
      ...{ page, per_page: size, last_page: last, total_entries: all.length },
      ...{ previous_page: page > 1 ? page - 1 : null, next_page: page < last ? page + 1 : null },
    };
    return Response.json({ [key]: all.slice((page - 1) * size, page * size), meta: { pagination } });
  };
  const selected = (selector: string | undefined) => (server: SimulatedServer) =>
    (selector ?? "")
      .split(",")
      .filter((term) => term !== "")
      .map((term) => term.split("=="))
      .every(([name = "", value]) => name in server.labels && (value === undefined || server.labels[name] === value));

  const app = new Hono().basePath("/v1");
  app.use(async (c, next) => {
    const token = c.req.header("authorization");
    if (token === `Bearer ${READ_ONLY_TOKEN}` && c.req.method !== "GET") return refusal(403, "token_readonly");
    if (token !== `Bearer ${TOKEN}` && token !== `Bearer ${READ_ONLY_TOKEN}`) return refusal(401, "unauthorized");
    await next();
    return undefined;
  });
  app.get("/servers", (c) => {
    const found = [...servers.values()].filter(selected(c.req.query("label_selector")));
    return paged(c, "servers", found.map(shown));
  });
  app.post("/servers", async (c) => {
    const order = Order.parse(await c.req.json());
    if (Buffer.byteLength(order.user_data) > LONGEST_USER_DATA_BYTES) return refusal(422, "invalid_input");
    const type = serverTypes.find(({ name }) => name === order.server_type);
    if (type === undefined || !locations.some(({ name }) => name === order.location))
      return refusal(422, "invalid_input");
    if ([...servers.values()].some(({ name }) => name === order.name)) return refusal(409, "uniqueness_error");
    if (servers.size >= most) return refusal(403, "resource_limit_exceeded");
    if (soldOut || type.locations.every(({ deprecation }) => deprecation !== null))
      return refusal(412, "resource_unavailable");
    const { name, labels, location, user_data: userData } = order;
    const server: SimulatedServer = {
      ...{ id: ++lastId, name, labels, location, type: type.name, createdAt: clock.now(), userData },
      ...{ status: "initializing", locked: false },
    };
    servers.set(server.id, server);
    const action = begin("create_server", server, 8000, () => start(server));
    const reply = { server: shown(server), action: actionOf(action), next_actions: [], root_password: "simulated" };
    return c.json(reply, 201);
  });
  app.get("/servers/:id", (c) => {
    const server = servers.get(Number(c.req.param("id")));
    return server === undefined ? refusal(404, "not_found") : c.json({ server: shown(server) });
  });
  app.delete("/servers/:id", (c) => {
    const server = servers.get(Number(c.req.param("id")));
    if (server === undefined) return refusal(404, "not_found");
    if (server.locked) return refusal(423, "locked");
    server.status = "deleting";
    return c.json({ action: actionOf(begin("delete_server", server, 10_000, () => servers.delete(server.id))) });
  });

  const commands: Readonly<Record<string, (server: SimulatedServer, body: unknown) => SimulatedAction | Response>> = {
    poweron: (server) => begin("start_server", server, 1000, () => server.status === "off" && start(server)),
    poweroff: (server) =>
      begin("stop_server", server, 3000, () => {
        server.status = "off";
      }),
    // The system is asked, and obeys in its own time.
    shutdown: (server) => {
      if (server.status === "running" && !deaf) {
        server.status = "stopping";
        clock.after(9000, () => {
          if (server.status === "stopping") server.status = "off";
        });
      }
      return begin("shutdown_server", server, 1000, () => undefined);
    },
    change_type: (server, body) => {
      const wanted = z.object({ server_type: z.string(), upgrade_disk: z.boolean() }).parse(body);
      if (server.status !== "off") return refusal(422, "server_not_stopped");
      if (soldOut) return refusal(412, "resource_unavailable");
      if (!serverTypes.some(({ name }) => name === wanted.server_type)) return refusal(422, "invalid_server_type");
      server.status = "migrating";
      return begin("change_server_type", server, 60_000, () => {
        server.status = "off";
        server.type = wanted.server_type;
      });
    },
  };
  app.post("/servers/:id/actions/:command", async (c) => {
    const server = servers.get(Number(c.req.param("id")));
    if (server === undefined) return refusal(404, "not_found");
    if (server.locked) return refusal(423, "locked");
    const body = await c.req.text();
    const begun = commands[c.req.param("command")]?.(server, body === "" ? undefined : JSON.parse(body));
    if (begun === undefined || begun instanceof Response) return begun ?? refusal(404, "not_found");
    return c.json({ action: actionOf(begun) }, 201);
  });
  app.get("/actions/:id", (c) => {
    const action = actions.get(Number(c.req.param("id")));
    return action === undefined ? refusal(404, "not_found") : c.json({ action: actionOf(action) });
  });
  app.get("/server_types", (c) => paged(c, "server_types", serverTypes));
  app.get("/locations", (c) => paged(c, "locations", locations));
  app.get("/pricing", (c) => c.json({ pricing }));

  const contract = contractOf(habits, () => openContract("hetzner"));
  const simulator = await startSimulator({ contract, app, basePath: "/v1" });
  return Object.assign(simulator, {
    clock,
    credentials: { token: TOKEN },
    creating: /^POST \/servers$/,
    firstBootOf: (id: string) => boots.get(Number(id)),
    sellOut: (isSoldOut: boolean) => {
      soldOut = isSoldOut;
    },
    allowMore: (vpss: number) => {
      most = servers.size + vpss;
    },
    ignoreShutdowns: (isDeaf: boolean) => {
      deaf = isDeaf;
    },
    rentByHand: (name?: string) => {
      const id = ++lastId;
      const own = {
        id,
        name: name ?? `own-${id}`,
        labels: { team: "web" },
        location: "fsn1",
        type: "cx23",
        userData: "",
      };
      servers.set(id, { ...own, createdAt: clock.now(), status: "running", locked: false });
      return String(id);
    },
    has: (id: string) => servers.has(Number(id)),
    tooFast: (seconds: number) => ({
      kind: "answer" as const,
      status: 429,
      headers: { "retry-after": String(seconds), "ratelimit-limit": "3600", "ratelimit-remaining": "0" },
      body: {
        error: { code: "rate_limit_exceeded", message: "limit of 3600 requests per hour reached", details: null },
      },
    }),
  });
}
