import type { ContainerSpec } from "../container-spec.ts";
import { Problem } from "../problem.ts";
import { engineSettings } from "./engine-settings.ts";
import type { ComposeProject } from "./project.ts";
import type { ComposeService } from "./service.ts";
import { parseBytes, parseDurationMs } from "./units.ts";

export interface ContainerNames {
  readonly instance: string;
  readonly service: string;
  /** Of the Compose file, for messages. */
  readonly path: string;
  /** Address on which ports are published that name none. */
  readonly address: string;
  /** Where a port of the container is published that names no port of the host. */
  readonly hostPort: (containerPort: number) => number;
  /** Whether folders of the host that are mounted are made where they are missing. */
  readonly createSources: boolean;
  /** Name by which the beacon knows a network of the project. */
  readonly network: (network: string) => string;
  /** Name by which the beacon knows a volume of the project. */
  readonly volume: (volume: string) => string;
}

/**
 * A service in normal form as one container of the engine, with the defaults of the specification.
 * @throws {Problem} `compose_invalid` for what the engine cannot do, by name
 */
export function containerOf(service: ComposeService, project: ComposeProject, names: ContainerNames): ContainerSpec {
  const { deploy } = service;
  const limits = deploy?.resources?.limits;
  const memory = service.mem_limit ?? limits?.memory;
  const cpus = service.cpus ?? limits?.cpus;
  const settings = engineSettings(service, names.network);
  return {
    instance: names.instance,
    service: names.service,
    image: service.image,
    ...(service.command === null ? {} : { command: service.command }),
    ...(service.entrypoint === null ? {} : { entrypoint: service.entrypoint }),
    environment: withoutNull(service.environment ?? {}),
    ...(service.user === undefined ? {} : { user: service.user }),
    ...(service.working_dir === undefined ? {} : { workingDirectory: service.working_dir }),
    ...(service.hostname === undefined ? {} : { hostname: service.hostname }),
    mounts: [
      ...(service.volumes ?? []).map((mount) => mountOf(mount, names)),
      ...(service.tmpfs ?? []).map(tmpfsOf),
      ...fileMounts(service, project),
    ],
    files: files(service, project),
    networks: Object.fromEntries(
      Object.entries(service.networks ?? {}).map(([network, membership]) => [
        names.network(network),
        [...(membership?.aliases ?? []), ...(service.container_name === undefined ? [] : [service.container_name])],
      ]),
    ),
    ports: (service.ports ?? []).map((port) => ({
      container: port.target,
      ...hostPortsOf(port, names),
      address: port.host_ip ?? names.address,
      protocol: port.protocol,
    })),
    ...(service.healthcheck === undefined ? {} : { healthcheck: healthcheckOf(service.healthcheck) }),
    restart: restartOf(service),
    ...(memory === undefined ? {} : { memoryBytes: Number(memory) }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(service.shm_size === undefined ? {} : { shmBytes: Number(service.shm_size) }),
    capAdd: service.cap_add ?? [],
    capDrop: service.cap_drop ?? [],
    readOnly: service.read_only ?? false,
    init: service.init ?? false,
    stopGraceMs: parseDurationMs(service.stop_grace_period ?? "10s"),
    ...(service.stop_signal === undefined ? {} : { stopSignal: service.stop_signal }),
    extraHosts: (service.extra_hosts ?? []).map((host) => host.replace("=", ":")),
    labels: service.labels ?? {},
    ...(Object.keys(settings).length === 0 ? {} : { engine: settings }),
  };
}

const withoutNull = (pairs: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(pairs).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));

type Port = NonNullable<ComposeService["ports"]>[number];

function hostPortsOf({ published, target }: Port, { hostPort }: ContainerNames) {
  const [first, last] = published?.split("-").map(Number) ?? [];
  return { host: first ?? hostPort(target), ...(last === undefined ? {} : { hostLast: last }) };
}

function restartOf({ restart, deploy }: ComposeService): ContainerSpec["restart"] {
  const [policy] = restart?.split(":") ?? [];
  const condition = deploy?.restart_policy?.condition;
  if (policy === undefined && deploy?.restart_policy !== undefined) {
    if (condition === "none") return "no";
    if (condition === "on-failure" || condition === "unless-stopped") return condition;
    return "always";
  }
  return policy === "always" || policy === "unless-stopped" || policy === "on-failure" ? policy : "no";
}

/** What is not said is as the image has it, and only then as the engine has it. */
function healthcheckOf(check: NonNullable<ComposeService["healthcheck"]>) {
  return {
    test: check.disable ? ["NONE"] : (check.test ?? []),
    intervalMs: parseDurationMs(check.interval ?? "0s"),
    timeoutMs: parseDurationMs(check.timeout ?? "0s"),
    retries: check.retries ?? 0,
    startPeriodMs: parseDurationMs(check.start_period ?? "0s"),
  };
}

type Mount = NonNullable<ComposeService["volumes"]>[number];

function mountOf(
  mount: Mount,
  { service, path, volume, createSources }: ContainerNames,
): ContainerSpec["mounts"][number] {
  const { type, source, target } = mount;
  const readOnly = mount.read_only ?? false;
  if (type === "tmpfs") {
    const mode = mount.tmpfs?.mode;
    return {
      type,
      target,
      ...(mount.tmpfs?.size === undefined ? {} : { sizeBytes: Number(mount.tmpfs.size) }),
      ...(mode === undefined ? {} : { options: `mode=${mode.toString(8)}` }),
    };
  }
  if (source === undefined) {
    throw new Problem("compose_invalid", `${path}: service ${service}: the mount at ${target} has no source`, {
      hint: "Name a volume, so that the data can be found again.",
    });
  }
  if (type === "volume") {
    return { type, volume: volume(source), target, readOnly, ...(mount.volume?.nocopy ? { noCopy: true } : {}) };
  }
  const { propagation, selinux, create_host_path = true } = mount.bind ?? {};
  return {
    type,
    source,
    target,
    readOnly,
    ...(propagation === undefined ? {} : { propagation }),
    ...(selinux === undefined ? {} : { relabel: selinux }),
    ...(createSources && create_host_path ? { createSource: true } : {}),
  };
}

function tmpfsOf(text: string): ContainerSpec["mounts"][number] {
  const [target = "", options] = text.split(":");
  const size = /^size=(\w+)$/.exec(options ?? "")?.[1];
  if (size !== undefined) return { type: "tmpfs", target, sizeBytes: parseBytes(size) };
  return { type: "tmpfs", target, ...(options === undefined ? {} : { options }) };
}

interface Granted {
  readonly target: string;
  readonly mode: number;
  readonly owner: { readonly uid?: number; readonly gid?: number };
  readonly object: NonNullable<ComposeProject["configs"]>[string] | undefined;
}

/** What a service is given of configs and secrets. */
function granted(service: ComposeService, project: ComposeProject): Granted[] {
  const inside = (folder: string, { source, target }: { source: string; target?: string | undefined }) =>
    target === undefined ? `${folder}/${source}` : target.startsWith("/") ? target : `${folder}/${target}`;
  const mode = (text: string | undefined) => (text === undefined ? 0o444 : Number.parseInt(text, 8));
  return [
    ...(service.configs ?? []).map((grant) => ({
      target: inside("", grant),
      mode: mode(grant.mode),
      owner: ownerOf(grant),
      object: project.configs?.[grant.source],
    })),
    ...(service.secrets ?? []).map((grant) => ({
      target: inside("/run/secrets", grant),
      mode: mode(grant.mode),
      owner: ownerOf(grant),
      object: project.secrets?.[grant.source],
    })),
  ];
}

const ownerOf = ({ uid, gid }: { uid?: string | undefined; gid?: string | undefined }) => ({
  ...(uid === undefined ? {} : { uid: Number(uid) }),
  ...(gid === undefined ? {} : { gid: Number(gid) }),
});

/** Files of the host are mounted, so that what is in them is in no plan and no record. */
const fileMounts = (service: ComposeService, project: ComposeProject): ContainerSpec["mounts"] =>
  granted(service, project).flatMap(({ target, object }) =>
    object?.file === undefined ? [] : [{ type: "bind", source: object.file, target, readOnly: true }],
  );

const files = (service: ComposeService, project: ComposeProject): ContainerSpec["files"] =>
  granted(service, project).flatMap(({ target, mode, owner, object }) =>
    object?.content === undefined ? [] : [{ target, content: object.content, mode, ...owner }],
  );
