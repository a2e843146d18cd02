import { suggestion } from "../nearest.ts";
import { Problem } from "../problem.ts";
import type { Place } from "../yaml-place.ts";
import type { Context, ReadFile, Reference } from "./context.ts";
import type { Variables } from "./interpolate.ts";
import { loadModel, type Model, type SourceFile } from "./load.ts";
import { type PlacedProject, placesIn } from "./placed-project.ts";
import type { ComposeProject } from "./project.ts";
import { readResources } from "./read-resources.ts";
import { readService } from "./read-service.ts";
import { startOrder } from "./start-order.ts";
import { readText } from "./values.ts";

export interface ComposeSource {
  /** Each is laid over the ones before it. */
  readonly files: readonly SourceFile[];
  readonly variables: Variables;
  /** Stands over the `name` that files give the project. */
  readonly name?: string | undefined;
  /** What the project is called when nothing else says so. */
  readonly fallbackName: string;
  /** Absolute path of the folder at which relative paths begin; without it there may be none. */
  readonly directory?: string;
  /** For `include`, `extends`, `env_file`, `label_file` and files of configs and secrets; without it these are refused. */
  readonly readFile?: ReadFile;
  /** Takes a line about what is read and has no effect. */
  readonly onNote?: (line: string) => void;
  /** Services of other profiles are left out; `*` is all of them. */
  readonly profiles?: readonly string[];
}

/**
 * Reads a Compose project into its normal form. What the normal form cannot hold is refused, never passed over.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/spec.md
 * @throws {Problem} `compose_invalid` with file, line, path and what was expected there.
 */
export function readPlacedProject(source: ComposeSource): PlacedProject {
  const references: Reference[] = [];
  const context: Context = {
    variables: source.variables,
    directory: source.directory,
    readFile: source.readFile,
    refer: (reference) => void references.push(reference),
    note: (place, sentence) => source.onNote?.(`${place.file}:${place.line}: ${place.path}: ${sentence}`),
    countPorts: portCounter(),
  };
  const model = loadModel(source.files, context);
  const name = projectName(source, model);
  const services = [...model.parts.services].map(([key, layers]) => [key, readService(layers)] as const);
  if (services.length === 0) throw new Problem("compose_invalid", `${source.files[0]?.path}:1: expected services`);
  const resources = readResources(model.parts, name);
  for (const reference of references) checkReference(reference, model);
  const active = withoutInactive(Object.fromEntries(services), source.profiles ?? [], model);
  startOrder(active, (names) =>
    placeOf(model, names[0] ?? "").wrong(`services wait for each other: ${names.join(" → ")}`),
  );
  checkPorts(active, model);
  const joined = Object.values(active).flatMap((service) => Object.keys(service.networks ?? {}));
  const { volumes, configs, secrets } = resources;
  const usesDefault = joined.includes("default") && resources.networks?.default === undefined;
  const networks = usesDefault
    ? { default: { name: `${name}_default`, ipam: {} }, ...resources.networks }
    : resources.networks;
  const project = {
    name,
    services: active,
    ...(isEmpty(networks) ? {} : { networks }),
    ...(isEmpty(volumes) ? {} : { volumes }),
    ...(isEmpty(configs) ? {} : { configs }),
    ...(isEmpty(secrets) ? {} : { secrets }),
  };
  return { project, placeOf: placesIn(model) };
}

/** The same where nobody needs to know what stands where. */
export const readProject = (source: ComposeSource): ComposeProject => readPlacedProject(source).project;

/** One Compose file that stands alone, such as that of a module. */
export const readCompose = (file: SourceFile, variables: Variables): PlacedProject =>
  readPlacedProject({ files: [file], variables, fallbackName: "app" });

const isEmpty = (members: object = {}) => Object.keys(members).length === 0;

/** https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md */
const namePattern = /^[a-z0-9][a-z0-9_-]*$/;

function projectName({ name, fallbackName }: ComposeSource, model: Model): string {
  if (name !== undefined) return name;
  if (model.name === undefined) return fallbackName;
  const said = readText(model.name.place, "a name");
  if (!namePattern.test(said)) throw model.name.place.expected('a name of a-z, 0-9, "-" and "_"');
  return said;
}

const MOST_PORTS = 65_535;

function portCounter(): Context["countPorts"] {
  let total = 0;
  return (place, ports) => {
    total += ports;
    if (total > MOST_PORTS) throw place.wrong(`makes more than ${MOST_PORTS} ports of one project`);
  };
}

function checkReference({ kind, name, place }: Reference, { parts }: Model): void {
  const section = `${kind}s` as const;
  const declared = kind === "network" ? [...parts.networks.keys(), "default"] : [...parts[section].keys()];
  if (declared.includes(name)) return;
  throw place.wrong(
    kind === "service"
      ? `there is no service ${name}${suggestion(name, declared)}`
      : `${kind} ${name} is not declared under ${section}${suggestion(name, declared)}`,
  );
}

const placeOf = (model: Model, service: string): Place => {
  const place = model.parts.services.get(service)?.at(-1)?.place;
  if (place === undefined) throw new TypeError(`no file speaks of service ${service}`);
  return place;
};

type Services = ComposeProject["services"];

/** @throws {Problem} when a service waits for one that is left out */
function withoutInactive(services: Services, profiles: readonly string[], model: Model): Services {
  const isActive = ({ profiles: own = [] }: Services[string]) =>
    own.length === 0 || profiles.includes("*") || own.some((profile) => profiles.includes(profile));
  const active = Object.entries(services).filter(([, service]) => isActive(service));
  const names = new Set(active.map(([name]) => name));
  return Object.fromEntries(
    active.map(([name, service]) => {
      const dependencies = Object.entries(service.depends_on ?? {});
      const missing = dependencies.find(([other, { required }]) => required && !names.has(other))?.[0];
      if (missing !== undefined) {
        const [profile] = services[missing]?.profiles ?? [];
        throw placeOf(model, name).wrong(
          `depends on ${missing}, which is of a profile that is not active`,
          `Activate it: --profile ${profile}.`,
        );
      }
      return [name, service];
    }),
  );
}

/** @throws {Problem} when two services publish on one port of the host */
function checkPorts(services: Services, model: Model): void {
  const taken = new Map<string, string>();
  for (const [name, { ports = [] }] of Object.entries(services)) {
    for (const { published, protocol, host_ip = "0.0.0.0" } of ports) {
      if (published === undefined) continue;
      const key = `${host_ip} ${published}/${protocol}`;
      const other = taken.get(key);
      if (other !== undefined) {
        throw placeOf(model, name)
          .find(["ports"])
          .wrong(
            `port ${published}/${protocol} of the host is published ${other === name ? "twice" : `by ${other} as well`}`,
          );
      }
      taken.set(key, name);
    }
  }
}
