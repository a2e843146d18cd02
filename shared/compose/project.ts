import { z } from "zod";

const Duration = z.string();

/**
 * The normal form of a Compose project, in the words and with the defaults of the Compose Specification
 * (https://github.com/compose-spec/compose-spec/blob/main/spec.md): every short syntax made long, every variable filled
 * in. Durations stay text (`1m30s`); sizes are bytes.
 */
export const ComposeService = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  user: z.string().optional(),
  working_dir: z.string().optional(),
  hostname: z.string().optional(),
  volumes: z.array(
    z.object({
      type: z.enum(["volume", "bind", "tmpfs"]),
      source: z.string().optional(),
      target: z.string(),
      read_only: z.boolean(),
      tmpfs: z.object({ size: z.number().int().optional() }).optional(),
    }),
  ),
  networks: z.record(z.string(), z.object({ aliases: z.array(z.string()) })),
  ports: z.array(
    z.object({
      target: z.number().int(),
      published: z.number().int().optional(),
      host_ip: z.string().optional(),
      protocol: z.enum(["tcp", "udp"]),
    }),
  ),
  configs: z.array(z.object({ source: z.string(), target: z.string(), mode: z.number().int() })),
  healthcheck: z
    .object({
      test: z.array(z.string()),
      interval: Duration,
      timeout: Duration,
      retries: z.number().int(),
      start_period: Duration,
    })
    .optional(),
  depends_on: z.record(
    z.string(),
    z.object({ condition: z.enum(["service_started", "service_healthy"]), required: z.boolean() }),
  ),
  restart: z.enum(["no", "always", "unless-stopped", "on-failure"]),
  mem_limit: z.number().int().optional(),
  cpus: z.number().optional(),
  shm_size: z.number().int().optional(),
  cap_add: z.array(z.string()),
  cap_drop: z.array(z.string()),
  read_only: z.boolean(),
  init: z.boolean(),
  stop_grace_period: Duration,
  stop_signal: z.string().optional(),
  extra_hosts: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
});
export type ComposeService = z.output<typeof ComposeService>;

export const ComposeProject = z.object({
  services: z.record(z.string(), ComposeService),
  /** `external`: made by somebody else, so only joined. */
  networks: z.record(z.string(), z.object({ internal: z.boolean(), external: z.boolean() })),
  volumes: z.array(z.string()),
  configs: z.record(z.string(), z.object({ content: z.string() })),
});
export type ComposeProject = z.output<typeof ComposeProject>;
