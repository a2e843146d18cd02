import type { PlaceOf } from "./placed-project.ts";
import type { ComposeProject } from "./project.ts";
import { completingServices, replicasOfService } from "./running-order.ts";
import type { ComposeService } from "./service.ts";

const SWARM = "it is kept by Docker Swarm";
const ENGINE_25 = "Docker Engine has it from version 25 on, and WOPR runs on older ones too";

/**
 * Refuses what the normal form holds and the engine cannot do, at its place in the files.
 * @throws {Problem} `compose_invalid`
 */
export function refuseUnsupported(project: ComposeProject, placeOf: PlaceOf): void {
  const refuse = (path: Parameters<PlaceOf>[0], why: string, hint?: string) =>
    placeOf(path).wrong(`${String(path.at(-1))} is not supported: ${why}`, hint);
  for (const [key, network] of Object.entries(project.networks ?? {})) {
    if (network.enable_ipv4 === false) {
      throw refuse(["networks", key, "enable_ipv4"], "Docker Engine has networks without IPv4 from version 28 on");
    }
    if (network.external && ["bridge", "host", "none"].includes(network.name)) {
      throw placeOf(["networks", key]).wrong(
        `${network.name} is a network of the engine itself`,
        `Write network_mode: ${network.name} in the service instead.`,
      );
    }
  }
  for (const section of ["configs", "secrets"] as const) {
    for (const [key, object] of Object.entries(project[section] ?? {})) {
      if (object.external) throw refuse([section, key, "external"], SWARM, "Say file or environment instead.");
    }
  }
  const completing = new Set(completingServices(project));
  for (const [name, service] of Object.entries(project.services)) {
    refuseInService(service, (path, why, hint) => refuse(["services", name, ...path], why, hint));
    if (completing.has(name) && restartsForEver(service)) {
      throw placeOf(["services", name]).wrong(
        "is started again whenever it ends, and others wait for it to be done",
        "Say restart: on-failure, or leave restart out.",
      );
    }
  }
}

type Refuse = (path: readonly PropertyKey[], why: string, hint?: string) => Error;

function refuseInService(service: ComposeService, refuse: Refuse): void {
  if (service.annotations !== undefined) throw refuse(["annotations"], ENGINE_25);
  if (service.healthcheck?.start_interval !== undefined) throw refuse(["healthcheck", "start_interval"], ENGINE_25);
  const policy = service.pull_policy ?? "missing";
  if (!["always", "never", "missing"].includes(policy)) {
    throw refuse(["pull_policy"], `WOPR knows no time at which to look for a newer image (${policy})`, PULL_HINT);
  }
  if (replicasOfService(service) < 2) return;
  if (service.mac_address !== undefined) throw refuse(["mac_address"], SEVERAL);
  for (const [network, membership] of Object.entries(service.networks ?? {})) {
    for (const member of ["ipv4_address", "ipv6_address", "link_local_ips", "mac_address"] as const) {
      if (membership?.[member] !== undefined) throw refuse(["networks", network, member], SEVERAL);
    }
  }
}

const PULL_HINT = "Say always, which looks at each up, or missing.";
const SEVERAL = "only one container can have an address, and this service has several";

const restartsForEver = ({ restart, deploy }: ComposeService) =>
  restart === undefined
    ? deploy?.restart_policy !== undefined &&
      (deploy.restart_policy.condition === undefined ||
        ["any", "unless-stopped"].includes(deploy.restart_policy.condition))
    : restart === "always" || restart === "unless-stopped";

/** Says what the files ask for and nothing comes of, where that does no harm. */
export function noteIneffective(project: ComposeProject, placeOf: PlaceOf, onNote: (line: string) => void): void {
  const note = (path: Parameters<PlaceOf>[0], sentence: string) => {
    const place = placeOf(path);
    onNote(`${place.file}:${place.line}: ${place.path}: ${sentence}`);
  };
  for (const section of ["configs", "secrets"] as const) {
    for (const [key, { labels }] of Object.entries(project[section] ?? {})) {
      if (labels !== undefined)
        note([section, key, "labels"], "has no effect: only Docker Swarm keeps it as a thing of its own");
    }
  }
  for (const [name, service] of Object.entries(project.services)) {
    const { deploy, networks = {}, depends_on = {} } = service;
    if (service.attach !== undefined) {
      note(["services", name, "attach"], "has no effect: wopr compose up shows the output of no service");
    }
    for (const [index] of (service.volumes ?? []).entries()) {
      const place = placeOf(["services", name, "volumes", index, "consistency"]);
      if (place.kind !== "nothing") note(["services", name, "volumes", index, "consistency"], "has no effect on Linux");
    }
    for (const member of ["delay", "window"] as const) {
      if (deploy?.restart_policy?.[member] !== undefined) {
        note(["services", name, "deploy", "restart_policy", member], "has no effect: the engine has its own times");
      }
    }
    if (deploy?.resources?.reservations?.cpus !== undefined) {
      const path = ["services", name, "deploy", "resources", "reservations", "cpus"] as const;
      note(path, "has no effect: the engine of one machine reserves no CPU");
    }
    if (deploy?.labels !== undefined) {
      note(["services", name, "deploy", "labels"], "has no effect: these are labels of a service of Docker Swarm");
    }
    for (const [network, membership] of Object.entries(networks)) {
      if (membership?.priority !== undefined) {
        note(["services", name, "networks", network, "priority"], "has no effect: networks are joined by their names");
      }
    }
    for (const [other, { restart }] of Object.entries(depends_on)) {
      const place = placeOf(["services", name, "depends_on", other, "restart"]);
      if (restart && place.kind !== "nothing") {
        note(["services", name, "depends_on", other, "restart"], "has no effect: only what changes is started again");
      }
    }
    for (const kind of ["configs", "secrets"] as const) {
      for (const [index, grant] of (service[kind] ?? []).entries()) {
        const isFile = project[kind]?.[grant.source]?.file !== undefined;
        if (isFile && (grant.uid ?? grant.gid ?? grant.mode) !== undefined) {
          note(["services", name, kind, index], "a file of the host keeps its own owner and mode");
        }
      }
    }
  }
}
