import type { Place } from "../yaml-place.ts";
import type { Variables } from "./interpolate.ts";
import type { ComposeService } from "./project.ts";
import { readConfigs, readMounts, readTmpfs } from "./read-mounts.ts";
import { readExtraHosts, readNetworks, readPorts } from "./read-networking.ts";
import { readDependencies, readHealthcheck, readLimits, readRestart } from "./read-running.ts";
import {
  fromVariables,
  readBoolean,
  readBytes,
  readDecimal,
  readDuration,
  readPairs,
  readText,
  readTexts,
  readWords,
  unsupported,
} from "./values.ts";

/** What a service may refer to. */
export interface Declared {
  readonly variables: Variables;
  readonly services: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  readonly configs: ReadonlySet<string>;
}

/** Reads one attribute; `service` is what the attributes before it have given. */
type Attribute = (place: Place, declared: Declared, service: ComposeService) => Partial<ComposeService>;

const attributes: Readonly<Record<string, Attribute>> = {
  image: (place) => ({ image: readText(place, "an image") }),
  command: (place) => ({ command: readWords(place) }),
  entrypoint: (place) => ({ entrypoint: readWords(place) }),
  environment: (place, { variables }) => ({ environment: readPairs(place, fromVariables(variables)) }),
  user: (place) => ({ user: readText(place) }),
  working_dir: (place) => ({ working_dir: readText(place) }),
  hostname: (place) => ({ hostname: readText(place) }),
  volumes: (place, { volumes }, service) => ({ volumes: [...service.volumes, ...readMounts(place, volumes)] }),
  tmpfs: (place, _declared, service) => ({ volumes: [...service.volumes, ...readTmpfs(place)] }),
  configs: (place, { configs }) => ({ configs: readConfigs(place, configs) }),
  networks: (place, { networks }) => ({ networks: readNetworks(place, networks) }),
  ports: (place) => ({ ports: readPorts(place) }),
  healthcheck: (place) => ({ healthcheck: readHealthcheck(place) }),
  depends_on: (place, { services }) => ({ depends_on: readDependencies(place, services) }),
  restart: (place) => ({ restart: readRestart(place) }),
  mem_limit: (place, _declared, service) => once(place, service, { mem_limit: readBytes(place) }),
  cpus: (place, _declared, service) => once(place, service, { cpus: readDecimal(place) }),
  deploy: (place, _declared, service) => once(place, service, readLimits(place)),
  shm_size: (place) => ({ shm_size: readBytes(place) }),
  cap_add: (place) => ({ cap_add: readTexts(place) }),
  cap_drop: (place) => ({ cap_drop: readTexts(place) }),
  read_only: (place) => ({ read_only: readBoolean(place) }),
  init: (place) => ({ init: readBoolean(place) }),
  stop_grace_period: (place) => ({ stop_grace_period: readDuration(place) }),
  stop_signal: (place) => ({ stop_signal: readText(place) }),
  extra_hosts: (place) => ({ extra_hosts: readExtraHosts(place) }),
  labels: (place) => ({ labels: readPairs(place, () => "") }),
};

const defaults: ComposeService = {
  image: "",
  environment: {},
  volumes: [],
  networks: { default: { aliases: [] } },
  ports: [],
  configs: [],
  depends_on: {},
  restart: "no",
  cap_add: [],
  cap_drop: [],
  read_only: false,
  init: false,
  stop_grace_period: "10s",
  extra_hosts: [],
  labels: {},
};

/** @throws {Problem} `compose_invalid` */
export function readService(place: Place, declared: Declared): ComposeService {
  let service = defaults;
  for (const [name, value] of place.members("a mapping with an image")) {
    if (name.startsWith("x-")) continue;
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (attribute === undefined) throw unsupported(value, name, Object.keys(attributes));
    if (value.kind !== "nothing") service = { ...service, ...attribute(value, declared, service) };
  }
  if (service.image === "") throw place.wrong("expected an image");
  return service;
}

/** The same limit can be said in two places of a service; it must be the same then. */
function once(place: Place, service: ComposeService, limits: Pick<ComposeService, "mem_limit" | "cpus">) {
  for (const name of ["mem_limit", "cpus"] as const) {
    const [before, now] = [service[name], limits[name]];
    if (before !== undefined && now !== undefined && before !== now) {
      throw place.wrong(`${name} and deploy.resources.limits say different things`);
    }
  }
  return limits;
}
