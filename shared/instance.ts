import { z } from "zod";
import { ContainerSpec } from "./container-spec.ts";
import { InstanceName, ModuleId, Timestamp } from "./names.ts";
import { NetworkSpec, VolumeSettings } from "./resource-spec.ts";
import { Route } from "./route.ts";

/** A module made concrete: what has to exist on the beacon for one instance, with nothing left to decide. */
export const ResolvedInstance = z.object({
  name: InstanceName,
  module: ModuleId,
  version: z.string(),
  title: z.string(),
  core: z.boolean(),
  parameters: z.record(z.string(), z.unknown()),
  /** In the order in which they start: a container comes after those it waits for. */
  containers: z.array(ContainerSpec),
  /** How many containers of a service there are; one where it says nothing. */
  replicas: z.record(z.string(), z.number().int().min(0).max(100)).optional(),
  /** Services that a service waits for; absent, each waits for all before it. */
  after: z.record(z.string(), z.array(z.string())).optional(),
  /** Services that do their work and end; who depends on one of them waits for that. */
  completes: z.array(z.string()).optional(),
  /** Images that are never pulled: they have to be there. */
  localImages: z.array(z.string()).optional(),
  networks: z.array(NetworkSpec),
  /** Logical names. */
  volumes: z.array(z.string()),
  /** How volumes are made, where the engine's default is not meant. */
  volumeSettings: z.record(z.string(), VolumeSettings).optional(),
  /** Networks and volumes, as the engine names them, that somebody else made: they have to be there, and stay. */
  outside: z.object({ networks: z.array(z.string()), volumes: z.array(z.string()) }).optional(),
  /** `fixed`: the app takes no other one after its first start. */
  secrets: z.array(z.object({ secret: z.string(), bytes: z.number().int(), fixed: z.boolean().optional() })),
  /** How often secrets were made anew, see `SecretGenerations`. */
  secretGenerations: z.record(z.string(), z.number().int()).optional(),
  /** A database with an owner of the same name on the shared PostgreSQL; `secret` is the owner's password. */
  database: z.object({ name: z.string(), secret: z.string() }).optional(),
  /** A user of the shared Redis with a logical database of its own; `secret` is its password. */
  redis: z.object({ user: z.string(), secret: z.string() }).optional(),
  routes: z.array(Route),
  /** Other instances that must run first, for example `postgresql`. */
  requires: z.array(InstanceName),
  /** Platforms that its images are for, like `linux/arm64`; any when absent. */
  platforms: z.array(z.string()).optional(),
  kernelModules: z.array(z.string()).optional(),
  /** What it is expected to need of the processors. */
  cpus: z.number().optional(),
  memoryBytes: z.number().int(),
  /** What it is expected to need on disk, its images and data together. */
  diskBytes: z.number().int(),
});
export type ResolvedInstance = z.output<typeof ResolvedInstance>;

/** What the beacon keeps of an instance: how it is meant to be. */
export const InstanceRecord = z.object({
  resolved: ResolvedInstance,
  /** Hash of `resolved`. */
  hash: z.string(),
  desired: z.enum(["running", "stopped"]),
  /** How it was meant to be when its beacon was suspended; absent where the beacon is not. */
  suspendedFrom: z.enum(["running", "stopped"]).optional(),
  /** Its containers were restarted last for the command that was asked for at this time. */
  startedAfter: Timestamp.optional(),
  /** Its secrets were made anew last for the command that was asked for at this time. */
  rotatedAfter: Timestamp.optional(),
});
export type InstanceRecord = z.output<typeof InstanceRecord>;
