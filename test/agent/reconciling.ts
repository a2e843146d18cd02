import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { caddyAdmin } from "#agent/caddy.ts";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { createDocker } from "#agent/docker.ts";
import { createObserve } from "#agent/observe.ts";
import { createPostgres } from "#agent/postgres.ts";
import { createReconcile } from "#agent/reconcile.ts";
import { createRedis } from "#agent/redis.ts";
import { createSecrets } from "#agent/secrets.ts";
import type { World } from "#agent/steps/context.ts";
import { openStore } from "#agent/store/database.ts";
import { instanceRecords } from "#agent/store/instance-records.ts";
import { routeTable } from "#agent/store/routes.ts";
import { ResolvedInstance } from "#shared/instance.ts";
import { planRemoved, planRunning } from "#shared/plans/changes.ts";
import { planUndone } from "#shared/plans/undo.ts";
import { socketPath } from "./docker/with-docker.ts";

export const Place = z.object({ scope: z.string(), dataDirectory: z.string() });
export type Place = z.output<typeof Place>;

/** What the instance `app` is to become. */
export const Wanted = z.union([z.literal("removed"), ResolvedInstance]);
export type Wanted = z.output<typeof Wanted>;

const beacon = {
  domain: "ada.example.test",
  address: "127.0.0.1",
  httpPort: 80,
  httpsPort: 443,
  certificates: "internal",
  caddyDirectory: "/nonexistent",
} as const;

/**
 * Brings the instance `app` to what is wanted with the real loop on the real engine, without commands and without Caddy.
 * @returns how many steps were carried out
 */
export async function reconcileTo(wanted: Wanted, { scope, dataDirectory }: Place, onStep: (count: number) => void) {
  const store = openStore(join(dataDirectory, "agent.db"));
  const docker = createDocker({ socketPath, scope });
  const admin = caddyAdmin({ socketPath: join(dataDirectory, "no-caddy.sock") });
  const world: World = {
    docker,
    routes: caddyRoutes({ admin, table: routeTable(store), beacon }),
    postgres: createPostgres({ exec: docker.exec, container: { instance: "postgresql", service: "postgresql" } }),
    redis: createRedis({ exec: docker.exec, container: { instance: "redis", service: "redis" } }),
    secrets: createSecrets({ db: store, keyFile: join(dataDirectory, "secret.key"), randomBytes }),
    records: instanceRecords(store),
  };
  const catalog = { modules: {}, summaries: [], problems: [] };
  const observe = createObserve({ world, catalog, beacon, dataDirectory });
  const signal = new AbortController().signal;
  let count = 0;
  try {
    await createReconcile({ observe, world, now: Date.now, patienceMs: 500 })({
      id: "cmd_00000000",
      command: {
        name: "test",
        title: "A test",
        input: {},
        lane: "app",
        plan: (seen) => (wanted === "removed" ? planRemoved("app", seen, "delete") : planRunning(wanted, seen)),
        undo: (seen, id) => (wanted === "removed" ? [] : planUndone("app", seen, id)),
      },
      resumed: true,
      cancel: signal,
      stop: signal,
      onProgress: () => undefined,
      onStep: () => onStep(++count),
    });
  } finally {
    store.close();
  }
  return count;
}
