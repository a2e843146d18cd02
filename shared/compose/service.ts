import { z } from "zod";

/** As `1m30s`: the way in which Go prints a duration. */
const Duration = z.string();
/** A count of bytes in decimal digits; text, because that is how `docker compose config` prints it. */
const Bytes = z.string();
const Texts = z.array(z.string());
const Pairs = z.record(z.string(), z.string());

const Mount = z.strictObject({
  type: z.enum(["volume", "bind", "tmpfs"]),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.literal(true).optional(),
  bind: z
    .strictObject({
      propagation: z.string().optional(),
      selinux: z.enum(["z", "Z"]).optional(),
      create_host_path: z.literal(false).optional(),
    })
    .optional(),
  volume: z.strictObject({ nocopy: z.boolean().optional() }).optional(),
  tmpfs: z.strictObject({ size: Bytes.optional(), mode: z.number().int().optional() }).optional(),
});

const Port = z.strictObject({
  name: z.string().optional(),
  mode: z.enum(["ingress", "host"]),
  host_ip: z.string().optional(),
  target: z.number().int(),
  published: z.string().optional(),
  protocol: z.enum(["tcp", "udp"]),
  app_protocol: z.string().optional(),
});

const FileMount = z.strictObject({
  source: z.string(),
  target: z.string().optional(),
  uid: z.string().optional(),
  gid: z.string().optional(),
  mode: z.string().optional(),
});

const Membership = z.strictObject({
  aliases: Texts.optional(),
  ipv4_address: z.string().optional(),
  ipv6_address: z.string().optional(),
  link_local_ips: Texts.optional(),
  mac_address: z.string().optional(),
  driver_opts: Pairs.optional(),
  priority: z.number().int().optional(),
});

const DeviceRequest = z.strictObject({
  capabilities: Texts.optional(),
  driver: z.string().optional(),
  /** -1 is all of them. */
  count: z.number().int().optional(),
  device_ids: Texts.optional(),
  options: Pairs.optional(),
});

const Healthcheck = z.strictObject({
  test: Texts.optional(),
  interval: Duration.optional(),
  timeout: Duration.optional(),
  retries: z.number().int().optional(),
  start_period: Duration.optional(),
  start_interval: Duration.optional(),
  disable: z.boolean().optional(),
});

const Deploy = z.strictObject({
  mode: z.enum(["replicated", "global"]).optional(),
  replicas: z.number().int().optional(),
  labels: Pairs.optional(),
  /** Always there and always empty: it is about clusters. */
  placement: z.strictObject({}),
  resources: z.strictObject({
    limits: z
      .strictObject({
        cpus: z.number().optional(),
        memory: Bytes.optional(),
        pids: z.number().int().optional(),
      })
      .optional(),
    reservations: z
      .strictObject({
        cpus: z.number().optional(),
        memory: Bytes.optional(),
        devices: z.array(DeviceRequest).optional(),
      })
      .optional(),
  }),
  restart_policy: z
    .strictObject({
      condition: z.enum(["none", "on-failure", "any", "unless-stopped"]).optional(),
      delay: Duration.optional(),
      max_attempts: z.number().int().optional(),
      window: Duration.optional(),
    })
    .optional(),
});

/** A service in normal form: what is not said in the files is not there. */
export const ComposeService = z.strictObject({
  annotations: Pairs.optional(),
  attach: z.boolean().optional(),
  cap_add: Texts.optional(),
  cap_drop: Texts.optional(),
  cgroup: z.enum(["host", "private"]).optional(),
  cgroup_parent: z.string().optional(),
  /** `null`: the image's own. */
  command: Texts.nullable(),
  configs: z.array(FileMount).optional(),
  container_name: z.string().optional(),
  cpu_period: z.number().int().optional(),
  cpu_quota: z.number().int().optional(),
  cpu_shares: z.number().int().optional(),
  cpus: z.number().optional(),
  cpuset: z.string().optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]),
        restart: z.literal(true).optional(),
        required: z.boolean(),
      }),
    )
    .optional(),
  deploy: Deploy.optional(),
  device_cgroup_rules: Texts.optional(),
  devices: z
    .array(z.strictObject({ source: z.string(), target: z.string(), permissions: z.string().optional() }))
    .optional(),
  dns: Texts.optional(),
  dns_opt: Texts.optional(),
  dns_search: Texts.optional(),
  domainname: z.string().optional(),
  entrypoint: Texts.nullable(),
  /** `null`: not set where the file was read, so left out. */
  environment: z.record(z.string(), z.string().nullable()).optional(),
  expose: Texts.optional(),
  extra_hosts: Texts.optional(),
  gpus: z.array(DeviceRequest).optional(),
  group_add: Texts.optional(),
  healthcheck: Healthcheck.optional(),
  hostname: z.string().optional(),
  image: z.string(),
  init: z.boolean().optional(),
  ipc: z.string().optional(),
  labels: Pairs.optional(),
  logging: z.strictObject({ driver: z.string().optional(), options: Pairs.optional() }).optional(),
  mac_address: z.string().optional(),
  mem_limit: Bytes.optional(),
  mem_reservation: Bytes.optional(),
  mem_swappiness: z.string().optional(),
  memswap_limit: Bytes.optional(),
  network_mode: z.string().optional(),
  /** `null`: joined with nothing said about how. */
  networks: z.record(z.string(), Membership.nullable()).optional(),
  oom_kill_disable: z.boolean().optional(),
  oom_score_adj: z.number().int().optional(),
  pid: z.string().optional(),
  pids_limit: z.number().int().optional(),
  platform: z.string().optional(),
  ports: z.array(Port).optional(),
  privileged: z.boolean().optional(),
  profiles: Texts.optional(),
  pull_policy: z.string().optional(),
  read_only: z.boolean().optional(),
  restart: z.string().optional(),
  runtime: z.string().optional(),
  scale: z.number().int().optional(),
  secrets: z.array(FileMount).optional(),
  security_opt: Texts.optional(),
  shm_size: Bytes.optional(),
  stdin_open: z.boolean().optional(),
  stop_grace_period: Duration.optional(),
  stop_signal: z.string().optional(),
  storage_opt: Pairs.optional(),
  sysctls: Pairs.optional(),
  tmpfs: Texts.optional(),
  tty: z.boolean().optional(),
  ulimits: z
    .record(z.string(), z.union([z.number().int(), z.strictObject({ soft: z.number(), hard: z.number() })]))
    .optional(),
  user: z.string().optional(),
  userns_mode: z.string().optional(),
  uts: z.string().optional(),
  volumes: z.array(Mount).optional(),
  working_dir: z.string().optional(),
});
export type ComposeService = z.output<typeof ComposeService>;
