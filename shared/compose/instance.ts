import type { ContainerSpec } from "../container-spec.ts";
import type { ResolvedInstance } from "../instance.ts";
import { InstanceName } from "../names.ts";
import { parseOr } from "../problem.ts";
import { containerOf } from "./container.ts";
import { engineResources, logicalNames } from "./engine-resources.ts";
import type { Variables } from "./interpolate.ts";
import type { PlacedProject } from "./placed-project.ts";
import type { ComposeProject } from "./project.ts";
import { noteIneffective, refuseUnsupported } from "./refusals.ts";
import { runningOrder } from "./running-order.ts";
import { withNamespaceOwners } from "./shared-namespaces.ts";
import { servicesInOrder } from "./start-order.ts";

export interface InstanceOptions {
  /** For messages. */
  readonly path: string;
  /** For configs that are taken from variables. */
  readonly variables: Variables;
  /** Takes a line about what is said in the project and has no effect. */
  readonly onNote: (line: string) => void;
  /** Text to be put where a secret is laid that is taken from this variable: a mark, never the value. */
  readonly secretOf: (variable: string) => string;
  /** The image that is meant where a service asks for the newest of a name; the name itself while nobody knows. */
  readonly newest: (image: string) => string;
}

/** Name under which the engine knows a project: that of an instance, which may hold no underscore. */
export const instanceNameOf = (project: string): string =>
  parseOr(InstanceName, project.replaceAll("_", "-").replace(/-+$/, ""), `the project name ${project}`);

/**
 * A plain Compose project, without any manifest, as the engine runs it.
 * @throws {Problem} `compose_invalid` with file and line for what the engine cannot do
 */
export function composeInstance({ project, placeOf }: PlacedProject, options: InstanceOptions): ResolvedInstance {
  const name = instanceNameOf(project.name);
  refuseUnsupported(project, placeOf);
  noteIneffective(project, placeOf, options.onNote);
  const filled = withContents(project, options);
  const logical = logicalNames(project, name);
  const local = Object.values(project.services).filter(({ pull_policy }) => pull_policy === "never");
  return {
    name,
    module: name,
    version: "0",
    title: project.name,
    core: false,
    parameters: {},
    containers: withNamespaceOwners(
      servicesInOrder(filled).map(([service, compose]) => {
        const container = containerOf(compose, filled, {
          instance: name,
          service,
          path: options.path,
          address: "0.0.0.0",
          hostPort: () => 0,
          createSources: true,
          ...logical,
        });
        const image = compose.pull_policy === "always" ? options.newest(compose.image) : compose.image;
        return { ...container, image, networks: calledByService(service, container.networks) };
      }),
    ),
    ...runningOrder(project),
    ...(local.length === 0 ? {} : { localImages: local.map(({ image }) => image) }),
    ...engineResources(project, logical),
    secrets: [],
    routes: [],
    requires: [],
    memoryBytes: 0,
    diskBytes: 0,
  };
}

const calledByService = (service: string, networks: ContainerSpec["networks"]): ContainerSpec["networks"] =>
  Object.fromEntries(
    Object.entries(networks).map(([network, aliases]) => [network, [...new Set([service, ...aliases])]]),
  );

/** What configs and secrets hold that are taken from variables. */
function withContents(project: ComposeProject, { variables, secretOf }: InstanceOptions): ComposeProject {
  type Objects = NonNullable<ComposeProject["configs"]>;
  const filled = (objects: Objects = {}, contentOf: (variable: string) => string): Objects =>
    Object.fromEntries(
      Object.entries(objects).map(([key, object]) => {
        const { environment } = object;
        return [key, environment === undefined ? object : { ...object, content: contentOf(environment) }];
      }),
    );
  return {
    ...project,
    configs: filled(project.configs, (variable) => variables[variable] ?? ""),
    secrets: filled(project.secrets, secretOf),
  };
}
