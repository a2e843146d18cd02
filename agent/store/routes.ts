import { z } from "zod";
import { hashOf } from "#shared/hash.ts";
import { Route } from "#shared/route.ts";
import type { AgentDatabase } from "./database.ts";

export interface InstanceRoutes {
  readonly instance: string;
  readonly routes: readonly Route[];
}

/** The routes that Caddy accepted. */
export interface RouteTable {
  all(): InstanceRoutes[];
  /** Hash of the routes by instance. */
  hashes(): Record<string, string>;
  put(change: InstanceRoutes): void;
  remove(instance: string): void;
}

const Row = z.object({ instance: z.string(), routes_json: z.string(), hash: z.string() });

export function routeTable(db: AgentDatabase): RouteTable {
  const select = db.prepare("select instance, routes_json, hash from routes order by instance");
  const upsert = db.prepare(
    `insert into routes (instance, routes_json, hash) values (?, ?, ?)
     on conflict (instance) do update set routes_json = excluded.routes_json, hash = excluded.hash`,
  );
  const remove = db.prepare("delete from routes where instance = ?");
  const rows = () => select.all().map((row) => Row.parse(row));
  return {
    all: () =>
      rows().map(({ instance, routes_json }) => ({ instance, routes: z.array(Route).parse(JSON.parse(routes_json)) })),
    hashes: () => Object.fromEntries(rows().map(({ instance, hash }) => [instance, hash])),
    put: ({ instance, routes }) => void upsert.run(instance, JSON.stringify(routes), hashOf(routes)),
    remove: (instance) => void remove.run(instance),
  };
}
