import type { ResolvedInstance } from "../instance.ts";
import { InstanceName } from "../names.ts";
import { Problem, parseOr } from "../problem.ts";
import { containerOf } from "./container.ts";
import type { Variables } from "./interpolate.ts";
import type { ComposeProject } from "./project.ts";
import { servicesInOrder } from "./start-order.ts";

export interface InstanceOptions {
  /** For messages. */
  readonly path: string;
  /** For configs that are taken from variables. */
  readonly variables: Variables;
  /** Takes a line about what is said in the project and has no effect. */
  readonly onNote: (line: string) => void;
}

/** Name under which the engine knows a project: that of an instance, which may hold no underscore. */
export const instanceNameOf = (project: string): string =>
  parseOr(InstanceName, project.replaceAll("_", "-").replace(/-+$/, ""), `the project name ${project}`);

/**
 * A plain Compose project, without any manifest, as the engine runs it.
 * @throws {Problem} `compose_invalid` for what the engine cannot do, by name
 */
export function composeInstance(project: ComposeProject, options: InstanceOptions): ResolvedInstance {
  const { path } = options;
  const name = instanceNameOf(project.name);
  refuseUnsupported(project, options);
  const filled = withConfigs(project, options.variables);
  const used = new Set(Object.values(project.services).flatMap(({ networks = {} }) => Object.keys(networks)));
  return {
    name,
    module: name,
    version: "0",
    title: project.name,
    core: false,
    parameters: {},
    containers: servicesInOrder(filled).map(([service, compose]) => {
      const container = containerOf(compose, filled, {
        instance: name,
        service,
        path,
        address: "0.0.0.0",
        hostPort: () => 0,
        createSources: true,
        network: (network) => `${name}/${network}`,
        volume: (volume) => `${name}/${volume}`,
      });
      const aliased = Object.entries(container.networks).map(([network, aliases]): [string, string[]] => [
        network,
        [...new Set([service, ...aliases])],
      ]);
      return { ...container, networks: Object.fromEntries(aliased) };
    }),
    after: Object.fromEntries(
      Object.entries(project.services).map(([service, { depends_on }]) => [service, Object.keys(depends_on ?? {})]),
    ),
    networks: [...used].map((network) => ({
      network: `${name}/${network}`,
      internal: project.networks?.[network]?.internal ?? false,
    })),
    volumes: Object.keys(project.volumes ?? {}).map((volume) => `${name}/${volume}`),
    secrets: [],
    routes: [],
    requires: [],
    memoryBytes: 0,
    diskBytes: 0,
  };
}

/** Members of the normal form that the engine's steps do not carry yet; all others it carries out. */
const networkMembers = ["driver_opts", "attachable", "external", "enable_ipv4", "enable_ipv6", "labels"] as const;
const volumeMembers = ["driver_opts", "external", "labels"] as const;

function refuseUnsupported(
  { name, services, networks = {}, volumes = {}, configs = {}, secrets = {} }: ComposeProject,
  { path, onNote }: InstanceOptions,
): void {
  const refuse = (where: string, hint?: string) =>
    new Problem("compose_invalid", `${path}: ${where} is not supported by wopr compose`, { hint });
  for (const [key, network] of Object.entries(networks)) {
    const member = networkMembers.find((known) => network[known] !== undefined);
    if (member !== undefined) throw refuse(`networks.${key}.${member}`);
    if (network.driver !== undefined && network.driver !== "bridge")
      throw refuse(`networks.${key}.driver ${network.driver}`);
    if (network.ipam.config !== undefined) throw refuse(`networks.${key}.ipam`);
    if (network.name !== `${name}_${key}`)
      onNote(`${path}: networks.${key}.name: has no effect; WOPR names networks itself`);
  }
  for (const [key, volume] of Object.entries(volumes)) {
    const member = volumeMembers.find((known) => volume[known] !== undefined);
    if (member !== undefined) throw refuse(`volumes.${key}.${member}`);
    if (volume.driver !== undefined && volume.driver !== "local")
      throw refuse(`volumes.${key}.driver ${volume.driver}`);
    if (volume.name !== `${name}_${key}`)
      onNote(`${path}: volumes.${key}.name: has no effect; WOPR names volumes itself`);
  }
  for (const [section, objects] of Object.entries({ configs, secrets })) {
    for (const [key, object] of Object.entries(objects)) {
      if (object.external) throw refuse(`${section}.${key}.external`);
    }
  }
  for (const [key, secret] of Object.entries(secrets)) {
    const hint = "Say file: what is in it is then in no plan and no record.";
    if (secret.environment !== undefined) throw refuse(`secrets.${key}.environment`, hint);
    if (secret.content !== undefined) throw refuse(`secrets.${key}.content`, hint);
  }
  for (const [key, service] of Object.entries(services)) {
    const replicas = service.scale ?? service.deploy?.replicas ?? 1;
    if (replicas !== 1) throw refuse(`services.${key}: ${replicas} replicas`);
    const completed = Object.entries(service.depends_on ?? {}).find(
      ([, { condition }]) => condition === "service_completed_successfully",
    );
    if (completed !== undefined)
      throw refuse(`services.${key}.depends_on.${completed[0]}: service_completed_successfully`);
    if (service.pull_policy !== undefined && service.pull_policy !== "missing") {
      onNote(`${path}: services.${key}.pull_policy: has no effect; images are pulled when they are missing`);
    }
  }
}

function withConfigs(project: ComposeProject, variables: Variables): ComposeProject {
  if (project.configs === undefined) return project;
  const configs = Object.entries(project.configs).map(([key, config]) => {
    const { environment } = config;
    return [key, environment === undefined ? config : { ...config, content: variables[environment] ?? "" }] as const;
  });
  return { ...project, configs: Object.fromEntries(configs) };
}
