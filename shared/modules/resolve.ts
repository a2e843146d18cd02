import { z } from "zod";
import { containerOf } from "../compose/container.ts";
import { engineResources } from "../compose/engine-resources.ts";
import type { PlacedProject } from "../compose/placed-project.ts";
import type { ComposeProject } from "../compose/project.ts";
import { readCompose } from "../compose/read.ts";
import { refuseUnsupported } from "../compose/refusals.ts";
import { runningOrder } from "../compose/running-order.ts";
import type { ComposeService } from "../compose/service.ts";
import { withNamespaceOwners } from "../compose/shared-namespaces.ts";
import { servicesInOrder } from "../compose/start-order.ts";
import type { ContainerSpec } from "../container-spec.ts";
import type { ResolvedInstance } from "../instance.ts";
import { InstanceName } from "../names.ts";
import type { Observed } from "../observed.ts";
import { parseOr } from "../problem.ts";
import type { ModuleDefinition } from "./manifest.ts";
import { resolveRoutes } from "./routes.ts";
import { type SecretGenerations, secretName } from "./secret-names.ts";
import { routeAlias, signOnOf } from "./sign-on.ts";
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
  readonly secretGenerations?: SecretGenerations | undefined;
}

/** What of a beacon an instance depends on. */
export type Surroundings = Pick<Observed, "beacon" | "modules">;

/**
 * Fills a module in for one instance. Pure: equal arguments give an equal result, with secrets as marks.
 * @throws {Problem} `invalid_input` for answers that the manifest does not allow, `compose_invalid` with file and line,
 * `dependency_missing` where no module provides the sign-on that it needs.
 */
export function resolveInstance(
  module: ModuleDefinition,
  answers: Answers,
  { beacon, modules }: Surroundings,
): ResolvedInstance {
  const { manifest } = module;
  const signOn = signOnOf(manifest, modules);
  const { secretGenerations: generations = {} } = answers;
  const name = parseOr(InstanceName, answers.instance, "the name of the instance");
  const parameters = parseParameters(module, answers.parameters);
  const routes = resolveRoutes(manifest, { name, parameters, domain: beacon.domain, signOn });
  const host = routes[0]?.host;
  const placed = readCompose(module.compose, variablesOf(manifest, { name, parameters, beacon, host, generations }));
  const { project, placeOf } = placed;
  refuseUnsupported(project, placeOf);
  return {
    name,
    module: manifest.id,
    version: manifest.version,
    title: manifest.title,
    core: manifest.category === "core",
    parameters,
    containers: withNamespaceOwners(
      servicesInOrder(project).map((service) => resolveContainer(module, name, project, service)),
    ),
    ...runningOrder(project),
    ...resolveResources(module, name, placed),
    secrets: resolveSecrets(module, generations),
    ...(Object.keys(generations).length === 0 ? {} : { secretGenerations: generations }),
    ...(manifest.needs.includes("postgres")
      ? { database: { name: databaseName(name), secret: secretName(DATABASE_SECRET, generations) } }
      : {}),
    ...(manifest.needs.includes("redis")
      ? { redis: { user: serviceUser(name), secret: secretName(REDIS_SECRET, generations) } }
      : {}),
    routes,
    ...(manifest.platforms === undefined ? {} : { platforms: manifest.platforms }),
    ...(manifest.kernelModules === undefined ? {} : { kernelModules: manifest.kernelModules }),
    cpus: manifest.resources.cpus,
    requires: [
      ...manifest.needs.map((need) => sharedServices[need]),
      ...(signOn === undefined ? [] : [signOn.provider]),
    ],
    memoryBytes: manifest.resources.memoryMb * 1024 * 1024,
    diskBytes: manifest.resources.diskMb * 1024 * 1024,
  };
}

function parseParameters({ manifest }: ModuleDefinition, given: Answers["parameters"]): Record<string, unknown> {
  const schema = z.fromJSONSchema(manifest.parameters);
  const parameters = parseOr(schema, given, `a parameter of ${manifest.id}`);
  return z.record(z.string(), z.unknown()).parse(parameters);
}

function resolveSecrets({ manifest }: ModuleDefinition, generations: SecretGenerations) {
  const own = Object.entries(manifest.secrets).map(([secret, settings]) => ({ secret, ...settings }));
  return [
    ...own,
    ...(manifest.needs.includes("postgres") ? [{ secret: DATABASE_SECRET, bytes: 24 }] : []),
    ...(manifest.needs.includes("redis") ? [{ secret: REDIS_SECRET, bytes: 24 }] : []),
  ].map((known) => ({ ...known, secret: secretName(known.secret, generations) }));
}

const logicalNetwork = (instance: string, network: string) =>
  Object.hasOwn(sharedNetworks, network) ? network : `${instance}/${network}`;

/** Networks and volumes, each with a name of the instance's own, but for the networks that instances share. */
function resolveResources(
  { manifest }: ModuleDefinition,
  name: string,
  { project, placeOf }: PlacedProject,
): Pick<ResolvedInstance, "networks" | "volumes" | "volumeSettings"> {
  for (const section of ["networks", "volumes"] as const) {
    for (const [key, { external }] of Object.entries(project[section] ?? {})) {
      if (external && !(section === "networks" && Object.hasOwn(sharedNetworks, key))) {
        throw placeOf([section, key]).wrong("is external, and a module brings all that it uses");
      }
    }
  }
  const { outside: _shared, ...own } = engineResources(project, {
    network: (network) => logicalNetwork(name, network),
    volume: (volume) => `${name}/${volume}`,
  });
  const used = new Set(Object.values(project.services).flatMap((service) => Object.keys(service.networks ?? {})));
  const shared = [...used].filter((network) => Object.hasOwn(sharedNetworks, network));
  const isAsked = manifest.routes.length > 0 || manifest.provides !== undefined;
  const needsEdge = isAsked && !used.has(sharedNetworks.edge);
  const networks = [...shared, ...(needsEdge ? [sharedNetworks.edge] : [])].map((network) => ({
    network,
    internal: network === sharedNetworks.data,
  }));
  return {
    ...own,
    networks: [...own.networks.filter(({ network }) => !Object.hasOwn(sharedNetworks, network)), ...networks],
  };
}

function resolveContainer(
  { manifest, compose: { path } }: ModuleDefinition,
  instance: string,
  project: ComposeProject,
  [service, compose]: readonly [string, ComposeService],
): ContainerSpec {
  const container = containerOf(compose, project, {
    instance,
    service,
    path,
    address: "127.0.0.1",
    hostPort: (port) => port,
    createSources: false,
    network: (network) => logicalNetwork(instance, network),
    volume: (volume) => `${instance}/${volume}`,
  });
  const networks = Object.fromEntries(
    Object.entries(container.networks).map(([network, aliases]) => [
      network,
      Object.hasOwn(sharedNetworks, network) ? aliases : [...new Set([service, ...aliases])],
    ]),
  );
  const asked = [...manifest.routes, ...(manifest.provides === undefined ? [] : [manifest.provides.forwardAuth])];
  if (!asked.some((route) => route.service === service)) return { ...container, networks };
  const aliases = [...(networks[sharedNetworks.edge] ?? []), routeAlias(instance, service)];
  return { ...container, networks: { ...networks, [sharedNetworks.edge]: aliases } };
}
