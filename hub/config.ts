import { readFileSync } from "node:fs";
import { z } from "zod";
import { HostName } from "#shared/names.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { Choice } from "./choice.ts";
import { ShopSettings } from "./shop/stock.ts";

const Port = z.number().int().min(1).max(65535);
const Path = z.string().startsWith("/");
const HOUR_MS = 3_600_000;

/** The hub's settings, read once from a JSON file. Nothing in it is secret: passwords stand in files of their own. */
export const HubConfig = z.strictObject({
  listen: z.strictObject({ host: z.string().default("127.0.0.1"), port: Port }),
  /** Where browsers and agents reach the hub, for example `https://hub.example.org`. */
  publicUrl: z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin),
  /** Folder of everything the hub keeps: database, keys, documents. Only its user may read it. */
  dataDirectory: Path,
  /** Socket of the process that signs what beacons do (`hub/signer/main.ts`); the hub holds the key itself when absent. */
  signerSocket: Path.exactOptional(),
  /** Domain under which beacons live: beacon `ada` is `ada.<zone>`. */
  zone: HostName,
  /** Who answers for that zone: a kind of `hub/dns/`, with its credentials. */
  dns: Choice.default({ kind: "loopback" }),
  /** Folder with one folder per module. */
  modulesDirectory: Path,
  /** Built pages of the console; without them the API alone is served. */
  consoleDirectory: Path.optional(),
  /** Whose `X-Forwarded-For` is believed: addresses of the reverse proxies in front of the hub. */
  trustedProxies: z.array(z.string()).default([]),
  /** `none`: an order is paid by being placed. */
  billing: z
    .union([
      z.literal("none"),
      z.strictObject({
        stripe: z.strictObject({
          /** File with the secret or restricted key of the account. */
          secretKeyFile: Path,
          /** File with the secrets of the webhook's endpoint, one a line: the new one and the former while they change. */
          webhookSecretsFile: Path,
          /** Origin of the API, where it is not Stripe's own. */
          endpoint: z.url().exactOptional(),
        }),
        /** Days before the first payment; none when absent. */
        trialDays: z.number().int().min(1).max(730).exactOptional(),
        /** How long a beacon stays suspended before it is removed. */
        terminateAfterDays: z.number().int().min(1).max(365).default(30),
      }),
    ])
    .default("none"),
  /** Who delivers mail: a kind of `mail/`, with its settings, such as the sender. */
  mail: Choice,
  /** Settings of each provider, checked by the provider itself. */
  providers: z.strictObject({ local: z.record(z.string(), z.unknown()).optional() }).default({}),
  /** Without it the hub has no public site, and an operator places all orders. */
  shop: ShopSettings.exactOptional(),
  /** What is promised to those who pay. */
  orders: z
    .strictObject({
      /** An order that is paid for and not delivered so long after is called off, and the money goes back. */
      deliverWithinHours: z.number().int().min(1).max(720).default(24),
    })
    .prefault({}),
  /** What new servers are set up from; none can be while it is absent. */
  releases: z
    .strictObject({
      /** Folder with `install.sh`, the archives and their signed manifest, as `npm run build` leaves them in `dist/packages`. */
      directory: Path,
      /** Raw Ed25519 key in base64url under which the manifest is signed; it is told to new servers. */
      releaseKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "expected 43 characters of base64url"),
    })
    .exactOptional(),
  /** What new beacons are told of the world around them. */
  newBeacons: z
    .strictObject({
      /** `host:port` of a registry that is asked first for every image. */
      registryMirror: z
        .string()
        .regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, "expected host:port")
        .exactOptional(),
      /** Who issues their certificates: a public authority, or each its own, where none reaches them. */
      certificates: z.enum(["acme", "internal"]).exactOptional(),
    })
    .default({}),
  /** How long a command may wait for its beacon before it is refused there. */
  commandTtlMs: z
    .number()
    .int()
    .min(1000)
    // A key that signed it counts for 30 days after another has followed.
    .max(28 * 24 * HOUR_MS)
    .default(24 * HOUR_MS),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type HubConfig = z.output<typeof HubConfig>;

/** @throws {Problem} `invalid_input` that names the file and each wrong setting. */
export function readConfig(file: string): HubConfig {
  return parseOr(HubConfig, parseJsonFile(file), `the configuration ${file}`);
}

function parseJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Problem("invalid_input", `the configuration ${file} cannot be read as JSON`, { cause });
  }
}
