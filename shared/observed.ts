import type { InstanceRecord } from "./instance.ts";
import type { Machine } from "./machine.ts";
import type { ModuleDefinition } from "./modules/manifest.ts";

/** What is settled about a beacon before any module is on it. */
export interface BeaconFacts {
  /** Base of all its host names, for example `ada.example.org`. */
  readonly domain: string;
  /** Address and ports on which Caddy is published. */
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** `internal`: certificates from the beacon's own authority; `acme`: from a public one. */
  readonly certificates: "internal" | "acme";
  /** Who is asked for certificates instead of the public authorities that Caddy knows. */
  readonly acme?: AcmeAuthority;
  /** Absolute path of the folder that the agent and Caddy share, for their sockets and Caddy's config. */
  readonly caddyDirectory: string;
}

export interface AcmeAuthority {
  /** URL of its directory. */
  readonly directory: string;
  readonly email?: string;
  /** Path, on the agent's side, of the roots that its own certificate is checked against; the system's when absent. */
  readonly caFile?: string;
}

export interface ObservedContainer {
  readonly instance: string;
  readonly service: string;
  /** Counted from 1. */
  readonly replica: number;
  /** `generationOf` the spec it was created from; `unfinished` when its creation was broken off. */
  readonly generation: string;
  /** `settingsOf` the spec it was last brought to. */
  readonly settings: string;
  readonly image: string;
  readonly state: "running" | "created" | "exited" | "paused" | "restarting" | "dead";
  readonly health: "healthy" | "unhealthy" | "starting" | "none";
  /** With which it ended, where its state is `exited`. */
  readonly exitCode?: number | undefined;
}

/** Networks or volumes of the engine, whoever made them, by their names there. */
export type ObservedNames = Readonly<Record<string, ObservedName>>;

export interface ObservedName {
  /** Logical name; absent when it is not ours. */
  readonly logical?: string | undefined;
  /** `resourceSettingsOf` what it was made with. */
  readonly settings: string;
}

/** A thing made by the command `createdBy`, so that a failed command can take back what it made and nothing else. */
export interface ObservedVolume {
  readonly volume: string;
  readonly createdBy: string;
}

export interface ObservedDatabase {
  readonly database: string;
  readonly createdBy: string;
  /** Name of the instance's secret that holds its owner's password; undefined when none of them does. */
  readonly secret: string | undefined;
}

export interface ObservedRedisUser {
  readonly user: string;
  readonly createdBy: string;
  /** Name of the instance's secret that holds its password; undefined when none of them does. */
  readonly secret: string | undefined;
}

/** A port of the host that somebody listens on; `instance` when it is one of ours. */
export interface ObservedPort {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly instance?: string;
}

export interface Entitlements {
  /** Ids of those that may be installed. */
  readonly modules: readonly string[];
}

/** All that a planner may look at. Only what carries this beacon's label is in it, but for `foreign` and `ports`. */
export interface Observed {
  readonly beacon: BeaconFacts;
  readonly modules: Readonly<Record<string, ModuleDefinition>>;
  /** Other versions of modules, of which there are instances, by `id@version`. */
  readonly formerModules?: Readonly<Record<string, ModuleDefinition>>;
  readonly instances: readonly InstanceRecord[];
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly string[];
  readonly volumes: readonly ObservedVolume[];
  /** Looked at only for projects that can name what is not theirs. */
  readonly engine?: { readonly networks: ObservedNames; readonly volumes: ObservedNames };
  /** Image references present on the beacon. */
  readonly images: readonly string[];
  /** Names of secrets by instance. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /** `null` while the shared PostgreSQL does not answer. */
  readonly databases: readonly ObservedDatabase[] | null;
  /** Users of the shared Redis; `null` while it does not answer. */
  readonly redisUsers: readonly ObservedRedisUser[] | null;
  /** Hash of the routes by instance as Caddy serves them now; `null` while Caddy does not answer. */
  readonly routes: Readonly<Record<string, string>> | null;
  /** Names in Docker that others have in the beacon's own way of naming, by kind, as `flatName` gives them. */
  readonly foreign: Readonly<Record<"container" | "network" | "volume", readonly string[]>>;
  readonly ports: readonly ObservedPort[];
  readonly machine: Machine;
  /** What was bought for the beacon; `null` where that limits nothing. */
  readonly entitlements: Entitlements | null;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number };
}
