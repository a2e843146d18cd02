import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { acmeRootsFile, caddyConfig } from "#shared/caddy/config.ts";
import { liveRoutes } from "#shared/caddy/live.ts";
import { canonicalJson } from "#shared/hash.ts";
import type { BeaconFacts } from "#shared/observed.ts";
import { Problem } from "#shared/problem.ts";
import type { CaddyAdmin } from "./caddy.ts";
import { putDurableFile } from "./durable-file.ts";
import { createMutex } from "./mutex.ts";
import type { InstanceRoutes, RouteTable } from "./store/routes.ts";

/**
 * What Caddy serves. The table holds what Caddy accepted, `caddy.json` beside its socket what it starts with; both
 * follow the running Caddy, so that a refused configuration never replaces a working one and never comes back later.
 */
export interface CaddyRoutes {
  /** Makes the shared folder, and in it the roots of another authority and the configuration with which Caddy starts. */
  prepare(): void;
  /** Brings a running Caddy to the table; nothing when it does not run. */
  sync(): Promise<void>;
  /** @throws {Problem} `routes_refused`, `caddy_unavailable` */
  put(change: InstanceRoutes): Promise<void>;
  /** While Caddy does not run, only what it starts with is changed. */
  remove(instance: string): Promise<void>;
  /**
   * Hash of the routes by instance; an instance whose routes are not the same in the running Caddy and in the table has
   * a text that equals no hash. `null` while Caddy does not answer.
   */
  observe(): Promise<Record<string, string> | null>;
}

export interface CaddyRoutesOptions {
  readonly admin: CaddyAdmin;
  readonly table: RouteTable;
  readonly beacon: BeaconFacts;
}

export function caddyRoutes({ admin, table, beacon }: CaddyRoutesOptions): CaddyRoutes {
  const oneAtATime = createMutex();
  const startFile = join(beacon.caddyDirectory, "caddy.json");
  const configOf = (instances: readonly InstanceRoutes[]) => caddyConfig({ beacon, instances });

  function putStartFile(): void {
    const text = `${canonicalJson(configOf(table.all()))}\n`;
    if (existsSync(startFile) && readFileSync(startFile, "utf8") === text) return;
    putDurableFile(startFile, text, 0o644);
  }

  /** Every load closes the WebSockets that Caddy proxies, even when nothing changes; so equal ones are not loaded. */
  async function load(instances: readonly InstanceRoutes[]): Promise<void> {
    const config = configOf(instances);
    if (canonicalJson(await admin.current()) !== canonicalJson(config)) await admin.load(config);
  }

  const others = (instance: string) => table.all().filter((known) => known.instance !== instance);

  return {
    prepare: () => {
      mkdirSync(beacon.caddyDirectory, { recursive: true });
      chmodSync(beacon.caddyDirectory, 0o755);
      if (beacon.acme?.caFile !== undefined) {
        putDurableFile(join(beacon.caddyDirectory, acmeRootsFile), readFileSync(beacon.acme.caFile), 0o644);
      }
      putStartFile();
    },

    sync: () => oneAtATime(() => load(table.all()).catch(unlessAway)),

    put: (change) =>
      oneAtATime(async () => {
        await load([...others(change.instance), change]);
        table.put(change);
        putStartFile();
      }),

    remove: (instance) =>
      oneAtATime(async () => {
        await load(others(instance)).catch(unlessAway);
        table.remove(instance);
        putStartFile();
      }),

    observe: async () => {
      const live = await admin.current().catch(unlessAway);
      return live === undefined ? null : liveRoutes(live, table.all());
    },
  };
}

function unlessAway(error: unknown): undefined {
  if (error instanceof Problem && error.code === "caddy_unavailable") return undefined;
  throw error;
}
