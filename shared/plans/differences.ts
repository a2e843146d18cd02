import type { ContainerSpec } from "../container-spec.ts";
import { canonicalJson } from "../hash.ts";

const words: { readonly [Field in keyof ContainerSpec]?: string } = {
  workingDirectory: "working directory",
  mounts: "volumes",
  files: "files laid into it",
  healthcheck: "health check",
  restart: "restart policy",
  memoryBytes: "memory limit",
  cpus: "CPU limit",
  shmBytes: "shared memory",
  capAdd: "capabilities",
  capDrop: "capabilities",
  readOnly: "read-only root",
  stopGraceMs: "time to stop",
  stopSignal: "signal to stop",
  extraHosts: "extra hosts",
};

/** What differs between two specs, in words that a person reads; values only where they can hold no secret. */
export function differences(before: ContainerSpec, after: ContainerSpec): string[] {
  const old = new Map(Object.entries(before));
  const wanted = new Map(Object.entries(after));
  const fields = [...new Set([...wanted.keys(), ...old.keys()])].filter(
    (field) => canonicalJson(old.get(field) ?? null) !== canonicalJson(wanted.get(field) ?? null),
  );
  return [...new Set(fields.map((field) => describe(field, before, after)))];
}

function describe(field: string, before: ContainerSpec, after: ContainerSpec): string {
  if (field === "image") return `image ${before.image} → ${after.image}`;
  if (field === "environment") return named("environment", before.environment, after.environment);
  if (field === "networks") return named("networks", before.networks, after.networks);
  if (field === "labels") return named("labels", before.labels, after.labels);
  if (field === "engine") return named("settings", before.engine ?? {}, after.engine ?? {});
  if (field === "memoryBytes") return `memory limit ${megabytes(before.memoryBytes)} → ${megabytes(after.memoryBytes)}`;
  if (field === "cpus") return `CPU limit ${before.cpus ?? "none"} → ${after.cpus ?? "none"}`;
  if (field === "restart") return `restart policy ${before.restart} → ${after.restart}`;
  return Object.entries(words).find(([name]) => name === field)?.[1] ?? field;
}

const megabytes = (bytes: number | undefined) => (bytes === undefined ? "none" : `${Math.round(bytes / 2 ** 20)} MB`);

/** Names alone: a value may be somebody's password. */
function named(what: string, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const marks = names.flatMap((name) => {
    if (!Object.hasOwn(before, name)) return [`+${name}`];
    if (!Object.hasOwn(after, name)) return [`-${name}`];
    return canonicalJson(before[name]) === canonicalJson(after[name]) ? [] : [name];
  });
  return `${what} ${marks.join(", ")}`;
}
