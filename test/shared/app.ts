import { z } from "zod";
import { withNamespaceOwners } from "#shared/compose/shared-namespaces.ts";
import type { ContainerSpec } from "#shared/container-spec.ts";
import type { ResolvedInstance } from "#shared/instance.ts";

const Service = z.strictObject({
  image: z.string().default("app:1"),
  environment: z.record(z.string(), z.string()).default({}),
  memoryMb: z.number().optional(),
  cpus: z.number().optional(),
  restart: z.enum(["no", "always", "unless-stopped", "on-failure"]).default("unless-stopped"),
  networks: z.array(z.string()).default(["app/default"]),
  ports: z.array(z.number()).default([]),
  /** `name`, or `name:ro`. */
  volumes: z.array(z.string()).default([]),
  file: z.string().optional(),
  checked: z.boolean().default(true),
  after: z.array(z.string()).default([]),
  /** It does its work and ends. */
  completes: z.boolean().default(false),
  replicas: z.number().optional(),
  /** The service whose network is its own too. */
  shares: z.string().optional(),
});
type Service = z.output<typeof Service>;

/** An instance called `app`, in as few words as a case needs. */
export const App = z.record(z.string(), Service);
export type App = z.output<typeof App>;

export function resolvedApp(app: App): ResolvedInstance {
  const services = Object.entries(app);
  const networks = [...new Set(services.flatMap(([, { networks }]) => networks))];
  const volumes = [...new Set(services.flatMap(([, service]) => mountsOf(service).map(({ volume }) => volume)))];
  return {
    name: "app",
    module: "app",
    version: "1",
    title: "App",
    core: false,
    parameters: {},
    containers: withNamespaceOwners(services.map(([name, service]) => specOf(name, service))),
    replicas: Object.fromEntries(
      services.flatMap(([name, { replicas }]) => (replicas === undefined ? [] : [[name, replicas]])),
    ),
    after: Object.fromEntries(services.map(([name, { after }]) => [name, after])),
    completes: services.flatMap(([name, { completes }]) => (completes ? [name] : [])),
    networks: networks.map((network) => ({ network, internal: false })),
    volumes,
    secrets: [],
    routes: [],
    requires: [],
    memoryBytes: 2 ** 20,
    diskBytes: 2 ** 20,
  };
}

const mountsOf = ({ volumes }: Service) =>
  volumes.map((text) => {
    const [name = "", mode] = text.split(":");
    return { type: "volume", volume: `app/${name}`, target: `/${name}`, readOnly: mode === "ro" } as const;
  });

const specOf = (name: string, service: Service): ContainerSpec => ({
  instance: "app",
  service: name,
  image: service.image,
  environment: service.environment,
  mounts: mountsOf(service),
  files: service.file === undefined ? [] : [{ target: "/file", content: service.file, mode: 0o644 }],
  ...(service.shares === undefined ? {} : { engine: { networkMode: `service:${service.shares}` } }),
  networks: Object.fromEntries(service.networks.map((network) => [network, [name]])),
  ports: service.ports.map((port) => ({ container: port, host: port, address: "0.0.0.0", protocol: "tcp" })),
  ...(service.checked
    ? { healthcheck: { test: ["CMD", "check"], intervalMs: 1, timeoutMs: 1, retries: 1, startPeriodMs: 0 } }
    : {}),
  restart: service.restart,
  ...(service.memoryMb === undefined ? {} : { memoryBytes: service.memoryMb * 2 ** 20 }),
  ...(service.cpus === undefined ? {} : { cpus: service.cpus }),
  capAdd: [],
  capDrop: [],
  readOnly: false,
  init: false,
  stopGraceMs: 1000,
  extraHosts: [],
  labels: {},
});
