import { readFileSync } from "node:fs";
import { z } from "zod";
import { SmtpSettings } from "#mail/smtp-settings.ts";
import { Problem, parseOr } from "#shared/problem.ts";

const Port = z.number().int().min(1).max(65535);

/** The agent's settings, read once from a JSON file. Nothing in it is secret; `enrolmentTokenFile` is deleted after use. */
export const AgentConfig = z.strictObject({
  /** Origin of the hub, for example `https://hub.example.org`. */
  hub: z.url({ protocol: /^https?$/ }),
  /** Folder of everything the agent keeps; only root may read it. */
  dataDirectory: z.string().startsWith("/"),
  /** The provider's id of this server; cloud-init's when absent. */
  instanceId: z.string().min(1).max(200).exactOptional(),
  /** Holds the one-time token until the first enrolment; a new one there is used at the next start. */
  enrolmentTokenFile: z.string().startsWith("/").optional(),
  /** Only what carries this in its label is seen or touched; several agents on one engine differ in it. */
  scope: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/)
    .default("wopr"),
  dockerSocket: z.string().startsWith("/").default("/var/run/docker.sock"),
  /** `host:port` of a registry asked first for every image, as `host:port/docker.io/library/redis:7`. */
  registryMirror: z.string().optional(),
  /** Folder with one folder per module. */
  modulesDirectory: z.string().startsWith("/"),
  /** Where Caddy is published. */
  address: z.string().default("0.0.0.0"),
  httpPort: Port.default(80),
  httpsPort: Port.default(443),
  certificates: z.enum(["internal", "acme"]).default("acme"),
  /** Another authority than the public ones that Caddy knows. */
  acme: z
    .strictObject({
      /** Of the authority (RFC 8555, section 7.1.1). */
      directory: z.url({ protocol: /^https$/ }),
      /** Roots that the authority's own certificate is checked against, in PEM; the system's when absent. */
      caFile: z.string().startsWith("/").exactOptional(),
      /** Where the authority writes when a certificate is about to run out. */
      email: z.email().exactOptional(),
    })
    .exactOptional(),
  /** Asked where host names lead, as `address:port`; the system's resolver when absent. */
  dnsServers: z.array(z.string().min(1)).min(1).exactOptional(),
  /** TCP address of the local API, besides its Unix sockets; none when absent. */
  listen: z.strictObject({ host: z.string().default("127.0.0.1"), port: Port }).optional(),
  /** Server over which the beacon sends mails of its own, while the hub cannot. */
  smtp: z
    .strictObject({
      ...SmtpSettings.omit({ password: true }).shape,
      passwordFile: z.string().startsWith("/").exactOptional(),
    })
    .exactOptional(),
  sampleMs: z.number().int().min(100).default(10_000),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type AgentConfig = z.output<typeof AgentConfig>;

/** @throws {Problem} `invalid_input` that names the file and each wrong setting. */
export function readConfig(file: string): AgentConfig {
  return parseOr(AgentConfig, parseJsonFile(file), `the configuration ${file}`);
}

function parseJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Problem("invalid_input", `the configuration ${file} cannot be read as JSON`, { cause });
  }
}
