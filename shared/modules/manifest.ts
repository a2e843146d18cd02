import { z } from "zod";
import { DnsLabel, ModuleId } from "../names.ts";
import { ForwardAuth, Redirect, RouteHeaders, RoutePath } from "../route.ts";

export const categories = [
  "core",
  "productivity",
  "security",
  "communication",
  "developer",
  "creator",
  "business",
  "media",
  "analytics",
] as const;

/** Names of parameters, secrets: what stands in `${…}` of the module's `compose.yaml`. */
const VariableName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "expected a-z, 0-9 and _, a letter first");

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** One parameter, in the keywords of JSON Schema that the form in the dashboard can draw. */
const Parameter = z.strictObject({
  type: z.enum(["string", "integer", "number", "boolean"]),
  title: z.string().min(1),
  description: z.string().exactOptional(),
  default: Scalar.exactOptional(),
  enum: z.array(Scalar).min(1).exactOptional(),
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  minLength: z.number().int().exactOptional(),
  maxLength: z.number().int().exactOptional(),
  pattern: z.string().exactOptional(),
});

const HttpUrl = z.url({ protocol: /^https?$/ });

/**
 * `module.yaml`: what `compose.yaml` beside it cannot say. In `compose.yaml`, `${name}` is a parameter or a secret of
 * that name, and WOPR gives `${WOPR_INSTANCE}`, `${WOPR_HOST}` and `${WOPR_URL}` (of the first route, `https://…`, with
 * the port unless it is 443) and, for a module that needs `postgres`, `${WOPR_DB_HOST}`, `${WOPR_DB_PORT}`,
 * `${WOPR_DB_NAME}`, `${WOPR_DB_USER}`, `${WOPR_DB_PASSWORD}`; one that needs `redis` gets `${WOPR_REDIS_HOST}`,
 * `${WOPR_REDIS_PORT}`, `${WOPR_REDIS_USER}`, `${WOPR_REDIS_PASSWORD}`, `${WOPR_REDIS_DATABASE}`, the number of the one
 * logical database that this user may select, and all of them as `${WOPR_REDIS_URL}`. For the core module caddy there are `${WOPR_ADDRESS}`, `${WOPR_HTTP_PORT}`, `${WOPR_HTTPS_PORT}`
 * and `${WOPR_CADDY_DIRECTORY}`.
 * The same file runs with the plain Compose CLI and an `.env` that sets those variables.
 */
export const Manifest = z.strictObject({
  id: ModuleId,
  /** Of this manifest; changes whenever the folder does. */
  version: z.string().regex(/^\d+\.\d+\.\d+$/, "expected a version like 1.2.3"),
  title: z.string().min(1).max(60),
  category: z.enum(categories),
  /** One sentence that a customer understands. */
  summary: z.string().min(1).max(140),
  description: z.string().min(1).max(2000),
  /** What a new owner does first, a sentence each: printed in the handbook. */
  firstSteps: z.array(z.string().min(1).max(200)).max(5).exactOptional(),
  /** Products that people leave for it. */
  replaces: z.array(z.string()),
  /** Price as an add-on in US cents a month; 0 is included. */
  addonCentsPerMonth: z.number().int().nonnegative(),
  /** What one instance is expected to take. */
  resources: z.strictObject({
    memoryMb: z.number().int().positive(),
    cpus: z.number().positive(),
    diskMb: z.number().int().nonnegative(),
  }),
  /** Platforms that all of its images are for; any when absent. */
  platforms: z
    .array(z.string().regex(/^linux\/[a-z0-9]+$/, "expected a platform like linux/arm64"))
    .min(1)
    .exactOptional(),
  /** Modules that the kernel has to have, like `wireguard`. */
  kernelModules: z
    .array(z.string().regex(/^[a-z0-9_-]+$/))
    .min(1)
    .exactOptional(),
  /** Shared services of the beacon that it uses. */
  needs: z.array(z.enum(["postgres", "redis"])).default([]),
  /** JSON Schema (draft 2020-12) of type object: what the owner may set, with titles and defaults. */
  parameters: z
    .strictObject({
      type: z.literal("object"),
      properties: z.record(VariableName, Parameter),
      required: z.array(VariableName).exactOptional(),
      additionalProperties: z.literal(false),
    })
    .default({ type: "object", properties: {}, additionalProperties: false }),
  /**
   * Made at random on the beacon, as twice as many hexadecimal digits; never shown in a plan. `fixed`: the app takes no
   * other one after its first start, so that it is left alone when an owner asks for new passwords.
   */
  secrets: z
    .record(
      VariableName,
      z.strictObject({ bytes: z.number().int().min(8).max(64), fixed: z.literal(true).exactOptional() }),
    )
    .default({}),
  routes: z
    .array(
      z.strictObject({
        service: z.string(),
        /** Port of the container. */
        port: z.number().int().min(1).max(65535),
        /** First label of the host name; the name of the instance when absent. */
        subdomain: DnsLabel.optional(),
        path: RoutePath.default("/"),
        maxBodyMb: z.number().int().positive().optional(),
        headers: RouteHeaders.exactOptional(),
        /** Parameter in which the owner lists host names of their own, with commas or spaces between them. */
        hostsParameter: VariableName.exactOptional(),
        /** Open to everybody though the module signs on by `forward-auth`, such as an API with keys of its own. */
        public: z.boolean().exactOptional(),
      }),
    )
    .default([]),
  /** Places from which people are sent on. */
  redirects: z
    .array(Redirect.extend({ subdomain: DnsLabel.exactOptional(), path: RoutePath.default("/") }))
    .exactOptional(),
  /**
   * How people sign on. `none`: the app has accounts of its own, or needs none. `forward-auth`: before each request that is
   * not `public`, Caddy asks the module of the beacon that provides it, which has to be installed.
   */
  signOn: z.enum(["none", "oidc", "saml", "forward-auth"]).default("none"),
  /** What other modules may use of it. */
  provides: z
    .strictObject({
      forwardAuth: ForwardAuth.omit({ alias: true }).extend({
        service: z.string(),
        /** Path that it serves itself under every host name that it guards, for what comes back from signing on. */
        ownPath: RoutePath.exactOptional(),
      }),
    })
    .exactOptional(),
  /** Where a healthy app answers 2xx over its first route. */
  health: z.strictObject({ path: z.string().startsWith("/") }).optional(),
  /** Volumes that hold what the owner must never lose. */
  backup: z.strictObject({ volumes: z.array(z.string()).default([]), database: z.boolean().default(false) }).optional(),
  update: z.strictObject({ policy: z.enum(["manual", "notify", "automatic"]) }).default({ policy: "notify" }),
  /** Upstream's own pages that the facts here were taken from. */
  sources: z.array(HttpUrl).min(1),
});
export type Manifest = z.output<typeof Manifest>;

/** Names one version of a module. */
export const moduleVersion = ({ id, version }: Pick<Manifest, "id" | "version">): string => `${id}@${version}`;

/** A module as loaded: its manifest and its Compose project before any variable is filled in. */
export interface ModuleDefinition {
  readonly manifest: Manifest;
  readonly compose: ComposeTemplate;
}

/** `compose.yaml` as text, with its path for error messages. Variables are filled in when an instance is resolved. */
export interface ComposeTemplate {
  readonly path: string;
  readonly text: string;
}
