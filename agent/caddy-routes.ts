import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acmeRootsFile, caddyConfig, leavingFile, needsLeaving } from "#shared/caddy/config.ts";
import { liveRoutes } from "#shared/caddy/live.ts";
import type { CaddyAbilities } from "#shared/caddy/route.ts";
import { canonicalJson } from "#shared/hash.ts";
import type { BeaconFacts } from "#shared/observed.ts";
import { Problem } from "#shared/problem.ts";
import { hostsOf } from "#shared/route.ts";
import type { CaddyAdmin } from "./caddy.ts";
import { putDurableFile } from "./durable-file.ts";
import { gather } from "./gather.ts";
import { createMutex } from "./mutex.ts";
import type { OwnDomains } from "./own-domains.ts";
import type { InstanceRoutes, RouteTable } from "./store/routes.ts";

/**
 * What Caddy serves. The table holds what Caddy accepted, `caddy.json` beside its socket what it starts with; both
 * follow the running Caddy, so that a refused configuration never replaces a working one and never comes back later.
 * Changes that come at about the same time are one change to Caddy; each ends when its own routes are served.
 */
export interface CaddyRoutes {
  /** Makes the shared folder, and in it the roots of another authority and the configuration with which Caddy starts. */
  prepare(): void;
  /** Looks up again where names lead, and brings a running Caddy to the table; nothing when it does not run. */
  sync(): Promise<void>;
  /** @throws {Problem} `routes_refused` with the instance in its details, `caddy_unavailable` */
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
  /** Names that may lead elsewhere; all names lead here when absent. */
  readonly domains?: Pick<OwnDomains, "check" | "elsewhere"> | undefined;
  /** How long a change waits for others; each change to Caddy closes connections. */
  readonly gatherMs?: number;
  /** How long after a change others wait for each other. */
  readonly restMs?: number;
  /** How long clients of an older Caddy have to leave before a change. */
  readonly leaveMs?: number;
}

/** `routes` are absent where those of the instance go. */
interface Change {
  readonly instance: string;
  readonly routes?: InstanceRoutes["routes"];
}

const noneKnown: CaddyAbilities = { streamCloseDelay: false };
const allKnown: CaddyAbilities = { streamCloseDelay: true };

export function caddyRoutes(options: CaddyRoutesOptions): CaddyRoutes {
  const { admin, table, beacon, domains, gatherMs = 20, restMs = 500, leaveMs = 300 } = options;
  const oneAtATime = createMutex();
  const isLeaving = join(beacon.caddyDirectory, leavingFile);
  const startFile = join(beacon.caddyDirectory, "caddy.json");
  const configOf = (instances: readonly InstanceRoutes[], abilities: CaddyAbilities) => {
    const elsewhere = hostsIn(instances).filter((host) => domains?.elsewhere(host) !== undefined);
    return caddyConfig({ beacon, instances, abilities, withoutCertificate: elsewhere });
  };
  const textOf = (abilities: CaddyAbilities) => `${canonicalJson(configOf(table.all(), abilities))}\n`;

  function putStartFile(accepted: CaddyAbilities | undefined): void {
    const known = existsSync(startFile) ? readFileSync(startFile, "utf8") : undefined;
    // What Caddy can do is not known while it is away: what it once accepted stays, another Caddy may know less.
    const kept = known?.includes("stream_close_delay") ? allKnown : noneKnown;
    const text = textOf(accepted ?? kept);
    if (known !== text) putDurableFile(startFile, text, 0o644);
  }

  /**
   * Every load closes the WebSockets that Caddy 2.6 proxies, even when nothing changes; so equal ones are not loaded.
   * Gives what the running Caddy can do.
   */
  async function load(instances: readonly InstanceRoutes[]): Promise<CaddyAbilities> {
    const abilities = await admin.abilities();
    await domains?.check(hostsIn(instances));
    const config = configOf(instances, abilities);
    if (canonicalJson(await admin.current()) === canonicalJson(config)) return abilities;
    if (needsLeaving(abilities)) await loadOnceClientsLeft(config);
    else await admin.load(config);
    return abilities;
  }

  async function loadOnceClientsLeft(config: unknown): Promise<void> {
    writeFileSync(isLeaving, "");
    try {
      await sleep(leaveMs);
      await admin.load(config);
    } finally {
      rmSync(isLeaving, { force: true });
    }
  }

  /** What the table holds after the changes. */
  function changed(changes: readonly Change[]): InstanceRoutes[] {
    const after = new Map(table.all().map((known) => [known.instance, known]));
    for (const { instance, routes } of changes) {
      if (routes === undefined) after.delete(instance);
      else after.set(instance, { instance, routes });
    }
    return [...after.values()];
  }

  function keep(changes: readonly Change[], accepted: CaddyAbilities | undefined): void {
    for (const { instance, routes } of changes) {
      if (routes === undefined) table.remove(instance);
      else table.put({ instance, routes });
    }
    putStartFile(accepted);
  }

  /** @throws {Problem} `routes_refused` where the change is at fault, `caddy_unavailable` unless it only removes. */
  async function applyOne(change: Change): Promise<void> {
    const onAway = change.routes === undefined ? unlessAway : rethrow;
    const accepted = await load(changed([change]))
      .catch(onAway)
      .catch((error) => {
        throw blaming(change.instance, error);
      });
    keep([change], accepted);
  }

  /** All at once; one by one where Caddy does not take them together, so that only who is at fault fails. */
  async function apply(batch: readonly Change[]): Promise<PromiseSettledResult<void>[]> {
    if (batch.length > 1) {
      const accepted = await load(changed(batch)).catch(() => undefined);
      if (accepted !== undefined) {
        keep(batch, accepted);
        return batch.map(() => ({ status: "fulfilled", value: undefined }));
      }
    }
    const results: PromiseSettledResult<void>[] = [];
    for (const change of batch) results.push(...(await Promise.allSettled([applyOne(change)])));
    return results;
  }

  const changes = gather<Change>({ withinMs: gatherMs, restMs, done: (batch) => oneAtATime(() => apply(batch)) });

  return {
    prepare: () => {
      mkdirSync(beacon.caddyDirectory, { recursive: true });
      chmodSync(beacon.caddyDirectory, 0o755);
      rmSync(isLeaving, { force: true });
      if (beacon.acme?.caFile !== undefined) {
        putDurableFile(join(beacon.caddyDirectory, acmeRootsFile), readFileSync(beacon.acme.caFile), 0o644);
      }
      putStartFile(undefined);
    },

    sync: async () => {
      await domains?.check(hostsIn(table.all()), "again");
      await oneAtATime(async () => {
        const accepted = await load(table.all()).catch(unlessAway);
        if (accepted !== undefined) putStartFile(accepted);
      });
    },

    put: ({ instance, routes }) => changes.add({ instance, routes }),

    remove: (instance) => changes.add({ instance }),

    observe: async () => {
      const live = await admin.current().catch(unlessAway);
      return live === undefined ? null : liveRoutes(live, table.all());
    },
  };
}

const hostsIn = (instances: readonly InstanceRoutes[]) => [
  ...new Set(instances.flatMap(({ routes }) => routes.flatMap(hostsOf))),
];

function unlessAway(error: unknown): undefined {
  if (error instanceof Problem && error.code === "caddy_unavailable") return undefined;
  throw error;
}

function rethrow(error: unknown): never {
  throw error;
}

function blaming(instance: string, error: unknown): unknown {
  if (!(error instanceof Problem) || error.code !== "routes_refused") return error;
  const { message, hint, details, cause } = error;
  return new Problem("routes_refused", `${message} (routes of ${instance})`, {
    hint,
    details: { ...details, instance },
    cause,
  });
}
