import { z } from "zod";
import { HostCertificate } from "./certificates.ts";
import { HostName, InstanceName, ModuleId, Timestamp } from "./names.ts";

/** Whether an instance does what it is meant to do. */
export const InstanceState = z.enum(["running", "starting", "degraded", "stopped"]);
export type InstanceState = z.output<typeof InstanceState>;

/** One instance as the agent saw it last. */
export const InstanceStatus = z.object({
  name: InstanceName,
  module: ModuleId,
  title: z.string(),
  /** Version of the module's manifest. */
  version: z.string(),
  /** What an update would bring it to, where that is another one. */
  availableVersion: z.string().optional(),
  core: z.boolean(),
  state: InstanceState,
  services: z.array(
    z.object({
      name: z.string(),
      /** Which of several containers of the service, counted from 1; absent where there is one. */
      replica: z.number().int().positive().optional(),
      /** It was to do its work and end, and has. */
      done: z.literal(true).optional(),
      image: z.string(),
      state: z.enum(["running", "created", "exited", "paused", "restarting", "dead", "missing"]),
      health: z.enum(["healthy", "unhealthy", "starting", "none"]),
      startedAt: Timestamp.optional(),
    }),
  ),
  /** Where people open it. */
  urls: z.array(z.string()),
  parameters: z.record(z.string(), z.unknown()),
});
export type InstanceStatus = z.output<typeof InstanceStatus>;

/** What a beacon is made of and what is on it. Sent on connecting, after each command, and when it changed. */
export const Inventory = z.object({
  at: Timestamp,
  agentVersion: z.string(),
  host: z.object({
    hostname: z.string(),
    system: z.string(),
    kernel: z.string(),
    architecture: z.string(),
    cpuModel: z.string(),
    cores: z.number().int().positive(),
    memoryBytes: z.number().int().nonnegative(),
    diskBytes: z.number().int().nonnegative(),
    dockerVersion: z.string().optional(),
  }),
  domain: HostName,
  instances: z.array(InstanceStatus),
  /** Base of the beacon's own dashboard, for example `https://ada.example.org`. */
  dashboardUrl: z.string(),
  /** Of every host name that is served. */
  certificates: z.array(HostCertificate).default([]),
  /** Root certificate in PEM where the beacon signs its own certificates. */
  caCertificate: z.string().optional(),
});
export type Inventory = z.output<typeof Inventory>;
