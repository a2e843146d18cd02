import { z } from "zod";
import { InstanceName } from "./names.ts";

/**
 * A string that may hold `${secret:NAME}`: the agent puts the instance's secret there when it creates the container,
 * so that plans, hashes and the hub never see one.
 */
export const Templated = z.string();

export const secretMark = (secret: string) => `\${secret:${secret}}`;
export const secretMarks = /\$\{secret:([a-z0-9_]+(?:@\d+)?)\}/g;

const Mount = z.discriminatedUnion("type", [
  /** `volume` is a logical volume, `<instance>/<name>`. */
  z.object({
    type: z.literal("volume"),
    volume: z.string(),
    target: z.string(),
    readOnly: z.boolean(),
    /** What the image has at the target is not copied into a new volume. */
    noCopy: z.boolean().optional(),
  }),
  /** `source` is an absolute path on the beacon. */
  z.object({
    type: z.literal("bind"),
    source: z.string(),
    target: z.string(),
    readOnly: z.boolean(),
    propagation: z.string().optional(),
    /** `z` for all containers or `Z` for this one: the source gets a label of SELinux that lets them in. */
    relabel: z.enum(["z", "Z"]).optional(),
    /** The engine makes a folder where there is no source. */
    createSource: z.literal(true).optional(),
  }),
  z.object({
    type: z.literal("tmpfs"),
    target: z.string(),
    sizeBytes: z.number().int().optional(),
    /** Further options of mount(8), such as `mode=1777`. */
    options: z.string().optional(),
  }),
]);

const Limits = z.object({ soft: z.number().int(), hard: z.number().int() });

/**
 * What few containers need, in the words of the engine's API 1.41, which says what each means. Namespaces may be
 * `service:NAME`, that of another service of the instance.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
 */
const EngineSettings = z.strictObject({
  domainName: z.string(),
  macAddress: z.string(),
  tty: z.boolean(),
  stdinOpen: z.boolean(),
  privileged: z.boolean(),
  securityOpt: z.array(z.string()),
  groupAdd: z.array(z.string()),
  networkMode: z.string(),
  pidMode: z.string(),
  ipcMode: z.string(),
  utsMode: z.string(),
  usernsMode: z.string(),
  cgroupMode: z.enum(["host", "private"]),
  cgroupParent: z.string(),
  runtime: z.string(),
  platform: z.string(),
  sysctls: z.record(z.string(), z.string()),
  ulimits: z.record(z.string(), Limits),
  devices: z.array(z.object({ source: z.string(), target: z.string(), permissions: z.string() })),
  deviceCgroupRules: z.array(z.string()),
  deviceRequests: z.array(
    z.object({
      driver: z.string(),
      /** -1 is all of them. */
      count: z.number().int(),
      deviceIds: z.array(z.string()),
      capabilities: z.array(z.string()),
      options: z.record(z.string(), z.string()),
    }),
  ),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  storageOpt: z.record(z.string(), z.string()),
  dns: z.array(z.string()),
  dnsSearch: z.array(z.string()),
  dnsOptions: z.array(z.string()),
  memoryReservationBytes: z.number().int(),
  /** Memory and swap together; -1 is without end. */
  memorySwapBytes: z.number().int(),
  memorySwappiness: z.number().int(),
  oomKillDisable: z.boolean(),
  oomScoreAdj: z.number().int(),
  pidsLimit: z.number().int(),
  cpuShares: z.number().int(),
  cpuQuota: z.number().int(),
  cpuPeriod: z.number().int(),
  cpuset: z.string(),
  /** Ends after which `on-failure` gives up. */
  restartTries: z.number().int(),
  /** Ports that are said to be of use, besides those that are published: `80/tcp`. */
  expose: z.array(z.string()),
  /** Services whose namespaces it shares, each with the generation of its container. */
  namespaces: z.record(z.string(), z.string()),
  /** Addresses of its own, by logical network. */
  addresses: z.record(
    z.string(),
    z.object({
      ipv4: z.string().optional(),
      ipv6: z.string().optional(),
      linkLocal: z.array(z.string()).optional(),
      mac: z.string().optional(),
      driverOptions: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
const SomeEngineSettings = EngineSettings.partial();
export type EngineSettings = z.output<typeof SomeEngineSettings>;

/**
 * Everything that decides how one container of a module runs: its hash is compared with the one kept in the container's
 * label to see whether something changed. Names are logical; the scope of the beacon is added where Docker is called.
 */
export const ContainerSpec = z.object({
  instance: InstanceName,
  service: z.string(),
  image: z.string(),
  command: z.array(Templated).optional(),
  entrypoint: z.array(Templated).optional(),
  environment: z.record(z.string(), Templated),
  user: z.string().optional(),
  workingDirectory: z.string().optional(),
  hostname: z.string().optional(),
  mounts: z.array(Mount),
  /** Files laid into the container before it starts. */
  files: z.array(
    z.object({
      target: z.string(),
      content: Templated,
      mode: z.number().int(),
      /** Of its owner; root when absent. */
      uid: z.number().int().optional(),
      gid: z.number().int().optional(),
    }),
  ),
  /** Logical network to aliases of this container there. */
  networks: z.record(z.string(), z.array(z.string())),
  ports: z.array(
    z.object({
      container: z.number().int(),
      host: z.number().int(),
      /** The last of several ports of the host, of which each container gets one that is free. */
      hostLast: z.number().int().optional(),
      address: z.string(),
      protocol: z.enum(["tcp", "udp"]),
    }),
  ),
  /** An empty test and zeros are as the image has them. */
  healthcheck: z
    .object({
      test: z.array(z.string()),
      intervalMs: z.number().int(),
      timeoutMs: z.number().int(),
      retries: z.number().int(),
      startPeriodMs: z.number().int(),
    })
    .optional(),
  restart: z.enum(["no", "always", "unless-stopped", "on-failure"]),
  memoryBytes: z.number().int().optional(),
  cpus: z.number().optional(),
  shmBytes: z.number().int().optional(),
  capAdd: z.array(z.string()),
  capDrop: z.array(z.string()),
  readOnly: z.boolean(),
  init: z.boolean(),
  stopGraceMs: z.number().int(),
  stopSignal: z.string().optional(),
  extraHosts: z.array(z.string()),
  engine: SomeEngineSettings.optional(),
  labels: z.record(z.string(), z.string()),
});
export type ContainerSpec = z.output<typeof ContainerSpec>;

/** How the parts of WOPR and its people name a container: `<instance>/<service>`, and `…#2` for the second replica. */
export const containerName = ({ instance, service, replica = 1 }: ContainerPlace) =>
  `${instance}/${service}${replica === 1 ? "" : `#${replica}`}`;

/** A logical name as Docker's names have it, after what they begin with for all things of a beacon. */
export const flatName = (logical: string) => logical.replaceAll("/", "_");

/** Like `flatName`, of a container that no other generation stands in the way of. */
export const flatContainerName = ({ instance, service, replica = 1 }: ContainerPlace) =>
  flatName(`${instance}/${service}${replica === 1 ? "" : `.r${replica}`}`);

interface ContainerPlace {
  readonly instance: string;
  readonly service: string;
  /** Counted from 1. */
  readonly replica?: number | undefined;
}
