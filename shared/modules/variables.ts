import { secretMark, secretMarks } from "../container-spec.ts";
import type { BeaconFacts } from "../observed.ts";
import { Problem } from "../problem.ts";
import type { Manifest } from "./manifest.ts";
import { type SecretGenerations, secretName } from "./secret-names.ts";

/** Logical networks that all instances of a beacon share: the way to Caddy, and the way to PostgreSQL and Redis. */
export const sharedNetworks = { edge: "edge", data: "data" } as const;

/** The instances that answer `needs:`. There is one of each on a beacon. */
export const sharedServices = { postgres: "postgresql", redis: "redis" } as const;

/** Secret that holds the password of an instance's database. */
export const DATABASE_SECRET = "database_password";

/**
 * Name of an instance's database and of its owner. Hyphens would need quoting in SQL; the prefix keeps clear of names
 * that PostgreSQL has itself (`postgres`, `template1`) or reserves (`pg_…`).
 */
export const databaseName = (instance: string) => `app_${instance.replaceAll("-", "_")}`;

/** Secret that holds the password of an instance's Redis user. */
export const REDIS_SECRET = "redis_password";

/** Number of an instance's logical database on the shared Redis: chosen on the beacon and kept beside its secrets. */
export const REDIS_DATABASE = "redis_database";

/** Name of an instance's user on the shared Redis. */
export const serviceUser = databaseName;

/** `https://host` as a browser needs it. */
export const publicUrl = (host: string, beacon: Pick<BeaconFacts, "httpsPort">) =>
  beacon.httpsPort === 443 ? `https://${host}` : `https://${host}:${beacon.httpsPort}`;

interface Filling {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly beacon: BeaconFacts;
  /** Of the first route. */
  readonly host: string | undefined;
  readonly generations?: SecretGenerations;
}

/**
 * What stands in `${…}` of a module's `compose.yaml`, as documented at `Manifest`.
 * @throws {Problem} `invalid_input` for a parameter that would have a secret written out.
 */
export function variablesOf(manifest: Manifest, filling: Filling): Record<string, string> {
  const { name, parameters, beacon, host, generations } = filling;
  const mark = (secret: string) => secretMark(secretName(secret, generations));
  const database = databaseName(name);
  return {
    ...Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, parameterText(key, value)])),
    ...Object.fromEntries(Object.keys(manifest.secrets).map((secret) => [secret, mark(secret)])),
    WOPR_INSTANCE: name,
    ...(host === undefined ? {} : { WOPR_HOST: host, WOPR_URL: publicUrl(host, beacon) }),
    ...(manifest.needs.includes("postgres")
      ? {
          WOPR_DB_HOST: sharedServices.postgres,
          WOPR_DB_PORT: "5432",
          WOPR_DB_NAME: database,
          WOPR_DB_USER: database,
          WOPR_DB_PASSWORD: mark(DATABASE_SECRET),
        }
      : {}),
    ...(manifest.needs.includes("redis") ? redisVariables(name, mark(REDIS_SECRET)) : {}),
    ...(manifest.category === "core"
      ? {
          WOPR_ADDRESS: beacon.address,
          WOPR_HTTP_PORT: String(beacon.httpPort),
          WOPR_HTTPS_PORT: String(beacon.httpsPort),
          WOPR_CADDY_DIRECTORY: beacon.caddyDirectory,
        }
      : {}),
  };
}

function redisVariables(instance: string, password: string) {
  const [host, port, user] = [sharedServices.redis, "6379", serviceUser(instance)];
  const database = secretMark(REDIS_DATABASE);
  return {
    WOPR_REDIS_HOST: host,
    WOPR_REDIS_PORT: port,
    WOPR_REDIS_USER: user,
    WOPR_REDIS_PASSWORD: password,
    WOPR_REDIS_DATABASE: database,
    WOPR_REDIS_URL: `redis://${user}:${password}@${host}:${port}/${database}`,
  };
}

/** A parameter that contains the mark of a secret would have one written where the owner did not mean it. */
function parameterText(key: string, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.search(secretMarks) === -1) return text;
  throw new Problem("invalid_input", `parameter ${key} contains the mark of a secret`, {
    hint: `Leave out "\${secret:" from the value.`,
  });
}

/** Every variable that the module may use, with a value of the kind it will have: enough to read `compose.yaml`. */
export const sampleVariables = (manifest: Manifest): Record<string, string> =>
  variablesOf(manifest, {
    name: manifest.id,
    parameters: Object.fromEntries(
      Object.entries(manifest.parameters.properties).map(([name, parameter]) => [name, sampleOf(parameter)]),
    ),
    beacon: {
      domain: "example.org",
      address: "0.0.0.0",
      httpPort: 80,
      httpsPort: 443,
      certificates: "internal",
      caddyDirectory: "/run/wopr",
    },
    host: manifest.routes.length === 0 ? undefined : `${manifest.id}.example.org`,
  });

function sampleOf({ type, default: preset, enum: choices, minimum }: Manifest["parameters"]["properties"][string]) {
  if (preset !== undefined) return preset;
  if (choices !== undefined) return choices[0];
  if (type === "boolean") return true;
  return type === "string" ? "example" : (minimum ?? 1);
}
