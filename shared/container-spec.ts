import { z } from "zod";
import { InstanceName } from "./names.ts";

/**
 * A string that may hold `${secret:NAME}`: the agent puts the instance's secret there when it creates the container,
 * so that plans, hashes and the hub never see one.
 */
export const Templated = z.string();

export const secretMark = (secret: string) => `\${secret:${secret}}`;
export const secretMarks = /\$\{secret:([a-z0-9_]+)\}/g;

const Mount = z.discriminatedUnion("type", [
  /** `volume` is a logical volume, `<instance>/<name>`. */
  z.object({ type: z.literal("volume"), volume: z.string(), target: z.string(), readOnly: z.boolean() }),
  /** `source` is an absolute path on the beacon. */
  z.object({ type: z.literal("bind"), source: z.string(), target: z.string(), readOnly: z.boolean() }),
  z.object({ type: z.literal("tmpfs"), target: z.string(), sizeBytes: z.number().int().optional() }),
]);

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
  files: z.array(z.object({ target: z.string(), content: Templated, mode: z.number().int() })),
  /** Logical network to aliases of this container there. */
  networks: z.record(z.string(), z.array(z.string())),
  ports: z.array(
    z.object({
      container: z.number().int(),
      host: z.number().int(),
      address: z.string(),
      protocol: z.enum(["tcp", "udp"]),
    }),
  ),
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
  labels: z.record(z.string(), z.string()),
});
export type ContainerSpec = z.output<typeof ContainerSpec>;

/** How the parts of WOPR and its people name a container: `<instance>/<service>`, and `…#2` for the second replica. */
export const containerName = ({ instance, service, replica = 1 }: ContainerPlace) =>
  `${instance}/${service}${replica === 1 ? "" : `#${replica}`}`;

interface ContainerPlace {
  readonly instance: string;
  readonly service: string;
  /** Counted from 1. */
  readonly replica?: number | undefined;
}
