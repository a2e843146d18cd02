import { z } from "zod";
import type { ComposeProject, ComposeService } from "../compose/project.ts";
import { readCompose } from "../compose/read.ts";
import { parseDurationMs } from "../compose/units.ts";
import type { ContainerSpec } from "../container-spec.ts";
import type { ResolvedInstance } from "../instance.ts";
import { InstanceName } from "../names.ts";
import type { BeaconFacts } from "../observed.ts";
import { Problem, parseOr } from "../problem.ts";
import type { ModuleDefinition } from "./manifest.ts";
import { resolveRoutes, routeAlias } from "./routes.ts";
import {
  DATABASE_SECRET,
  databaseName,
  publicUrl,
  REDIS_SECRET,
  serviceUser,
  sharedNetworks,
  sharedServices,
  variablesOf,
} from "./variables.ts";

export { publicUrl, routeAlias, sharedNetworks, sharedServices };

export interface Answers {
  readonly instance: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Fills a module in for one instance. Pure: equal arguments give an equal result, with secrets as marks.
 * @throws {Problem} `invalid_input` for answers that the manifest does not allow, `compose_invalid` with file and line.
 */
export function resolveInstance(module: ModuleDefinition, answers: Answers, beacon: BeaconFacts): ResolvedInstance {
  const { manifest } = module;
  const name = parseOr(InstanceName, answers.instance, "the name of the instance");
  const parameters = parseParameters(module, answers.parameters);
  const routes = resolveRoutes(manifest, { name, parameters, domain: beacon.domain });
  const host = routes[0]?.host;
  const project = readCompose(module.compose, variablesOf(manifest, { name, parameters, beacon, host }));
  return {
    name,
    module: manifest.id,
    version: manifest.version,
    title: manifest.title,
    core: manifest.category === "core",
    parameters,
    containers: startOrder(project, module.compose.path).map((service) =>
      resolveContainer(module, name, project, service),
    ),
    after: Object.fromEntries(
      Object.entries(project.services).map(([service, { depends_on }]) => [service, Object.keys(depends_on)]),
    ),
    networks: resolveNetworks(module, name, project),
    volumes: project.volumes.map((volume) => `${name}/${volume}`),
    secrets: resolveSecrets(module),
    ...(manifest.needs.includes("postgres") ? { database: { name: databaseName(name), secret: DATABASE_SECRET } } : {}),
    ...(manifest.needs.includes("redis") ? { redis: { user: serviceUser(name), secret: REDIS_SECRET } } : {}),
    routes,
    requires: manifest.needs.map((need) => sharedServices[need]),
    memoryBytes: manifest.resources.memoryMb * 1024 * 1024,
    diskBytes: manifest.resources.diskMb * 1024 * 1024,
  };
}

function parseParameters({ manifest }: ModuleDefinition, given: Answers["parameters"]): Record<string, unknown> {
  const schema = z.fromJSONSchema(manifest.parameters);
  const parameters = parseOr(schema, given, `a parameter of ${manifest.id}`);
  return z.record(z.string(), z.unknown()).parse(parameters);
}

function resolveSecrets({ manifest }: ModuleDefinition) {
  const own = Object.entries(manifest.secrets).map(([secret, { bytes }]) => ({ secret, bytes }));
  return [
    ...own,
    ...(manifest.needs.includes("postgres") ? [{ secret: DATABASE_SECRET, bytes: 24 }] : []),
    ...(manifest.needs.includes("redis") ? [{ secret: REDIS_SECRET, bytes: 24 }] : []),
  ];
}

const logicalNetwork = (instance: string, network: string) =>
  Object.hasOwn(sharedNetworks, network) ? network : `${instance}/${network}`;

function resolveNetworks({ manifest }: ModuleDefinition, name: string, project: ComposeProject) {
  const used = new Set(Object.values(project.services).flatMap((service) => Object.keys(service.networks)));
  const networks = [...used].map((network) => ({
    network: logicalNetwork(name, network),
    internal: network === sharedNetworks.data || (project.networks[network]?.internal ?? false),
  }));
  const needsEdge = manifest.routes.length > 0 && !used.has(sharedNetworks.edge);
  return needsEdge ? [...networks, { network: sharedNetworks.edge, internal: false }] : networks;
}

function resolveContainer(
  { manifest, compose: { path } }: ModuleDefinition,
  name: string,
  project: ComposeProject,
  [service, compose]: readonly [string, ComposeService],
): ContainerSpec {
  const routed = manifest.routes.some((route) => route.service === service);
  const networks = Object.fromEntries(
    Object.entries(compose.networks).map(([network, { aliases }]) => [
      logicalNetwork(name, network),
      Object.hasOwn(sharedNetworks, network) ? aliases : [...new Set([service, ...aliases])],
    ]),
  );
  return {
    instance: name,
    service,
    image: compose.image,
    ...(compose.command === undefined ? {} : { command: compose.command }),
    ...(compose.entrypoint === undefined ? {} : { entrypoint: compose.entrypoint }),
    environment: compose.environment,
    ...(compose.user === undefined ? {} : { user: compose.user }),
    ...(compose.working_dir === undefined ? {} : { workingDirectory: compose.working_dir }),
    ...(compose.hostname === undefined ? {} : { hostname: compose.hostname }),
    mounts: compose.volumes.map((mount) => resolveMount({ instance: name, service, path }, mount)),
    files: compose.configs.map((config) => ({
      target: config.target,
      content: project.configs[config.source]?.content ?? "",
      mode: config.mode,
    })),
    networks: routed
      ? { ...networks, [sharedNetworks.edge]: [...(networks[sharedNetworks.edge] ?? []), routeAlias(name, service)] }
      : networks,
    ports: compose.ports.map((port) => ({
      container: port.target,
      host: port.published ?? port.target,
      address: port.host_ip ?? "127.0.0.1",
      protocol: port.protocol,
    })),
    ...(compose.healthcheck === undefined ? {} : { healthcheck: resolveHealthcheck(compose.healthcheck) }),
    restart: compose.restart,
    ...(compose.mem_limit === undefined ? {} : { memoryBytes: compose.mem_limit }),
    ...(compose.cpus === undefined ? {} : { cpus: compose.cpus }),
    ...(compose.shm_size === undefined ? {} : { shmBytes: compose.shm_size }),
    capAdd: compose.cap_add,
    capDrop: compose.cap_drop,
    readOnly: compose.read_only,
    init: compose.init,
    stopGraceMs: parseDurationMs(compose.stop_grace_period),
    ...(compose.stop_signal === undefined ? {} : { stopSignal: compose.stop_signal }),
    extraHosts: compose.extra_hosts,
    labels: compose.labels,
  };
}

function resolveHealthcheck(check: NonNullable<ComposeService["healthcheck"]>) {
  return {
    test: check.test,
    intervalMs: parseDurationMs(check.interval),
    timeoutMs: parseDurationMs(check.timeout),
    retries: check.retries,
    startPeriodMs: parseDurationMs(check.start_period),
  };
}

interface MountPlace {
  readonly instance: string;
  readonly service: string;
  /** Of the Compose file. */
  readonly path: string;
}

function resolveMount(
  { instance, service, path }: MountPlace,
  mount: ComposeService["volumes"][number],
): ContainerSpec["mounts"][number] {
  const { type, source, target, read_only: readOnly } = mount;
  if (type === "tmpfs") {
    return { type, target, ...(mount.tmpfs?.size === undefined ? {} : { sizeBytes: mount.tmpfs.size }) };
  }
  if (source === undefined) {
    throw new Problem("compose_invalid", `${path}: service ${service}: the mount at ${target} has no source`, {
      hint: "Name a volume, so that the data can be found again.",
    });
  }
  return type === "bind"
    ? { type, source, target, readOnly }
    : { type, volume: `${instance}/${source}`, target, readOnly };
}

/** Services so that each comes after those it depends on; ties in the order of the file. */
function startOrder(project: ComposeProject, path: string): (readonly [string, ComposeService])[] {
  const ordered: (readonly [string, ComposeService])[] = [];
  const visit = (name: string, trail: readonly string[]) => {
    if (ordered.some(([done]) => done === name)) return;
    if (trail.includes(name)) {
      throw new Problem("compose_invalid", `${path}: services wait for each other: ${[...trail, name].join(" → ")}`);
    }
    const service = project.services[name];
    if (service === undefined) return;
    for (const dependency of Object.keys(service.depends_on)) visit(dependency, [...trail, name]);
    ordered.push([name, service]);
  };
  for (const name of Object.keys(project.services)) visit(name, []);
  return ordered;
}
