import type Dockerode from "dockerode";
import type { ContainerSpec } from "#shared/container-spec.ts";
import { ASIDE, generationOf, settingsOf } from "#shared/generation.ts";
import { containerSettings, endpointSettings, hostSettings } from "./engine-settings.ts";
import { type DockerNames, labels } from "./names.ts";

type CreateOptions = Dockerode.ContainerCreateOptions;
type HostConfig = Dockerode.HostConfig;
type Mounts = NonNullable<HostConfig["Mounts"]>;

const NANOSECONDS_PER_MS = 1e6;

export interface ContainerOptions {
  readonly spec: ContainerSpec;
  readonly replica: number;
  readonly aside?: true | undefined;
  readonly names: DockerNames;
  readonly createdBy: string;
  /** Puts secrets where their marks are. */
  readonly fill: (text: string) => string;
  /** Id of the container of another service, whose namespaces are shared. */
  readonly idOf: (service: string) => string;
}

/**
 * A `ContainerSpec` in the words of the engine, but for its files and for all networks after the first: before API 1.44 a
 * container is created in one network and joins the others.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
 */
export function containerOptions(options: ContainerOptions): CreateOptions {
  const { spec, replica, aside, names, createdBy, fill, idOf } = options;
  const [network] = networksOf(spec, names, aside);
  return {
    name: names.unfinished({ instance: spec.instance, service: spec.service, replica }),
    Image: spec.image,
    ...(spec.command === undefined ? {} : { Cmd: spec.command.map(fill) }),
    ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint.map(fill) }),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${fill(value)}`),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    ...(spec.workingDirectory === undefined ? {} : { WorkingDir: spec.workingDirectory }),
    ...(spec.hostname === undefined ? {} : { Hostname: spec.hostname }),
    ...(spec.healthcheck === undefined ? {} : { Healthcheck: healthcheck(spec.healthcheck) }),
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    StopTimeout: Math.ceil(spec.stopGraceMs / 1000),
    ExposedPorts: Object.fromEntries([
      ...spec.ports.map((port) => [portKey(port), {}]),
      ...(spec.engine?.expose ?? []).map((port) => [port, {}]),
    ]),
    ...containerSettings(spec.engine ?? {}),
    Labels: {
      ...spec.labels,
      [labels.scope]: names.scope,
      [labels.instance]: spec.instance,
      [labels.service]: spec.service,
      [labels.replica]: String(replica),
      [labels.generation]: generationOf(spec),
      [labels.settings]: aside ? ASIDE : settingsOf(spec),
      [labels.createdBy]: createdBy,
    },
    HostConfig: {
      ...hostConfig(spec, names),
      ...hostSettings(spec.engine ?? {}, ({ service }) => idOf(service)),
      ...(network === undefined ? {} : { NetworkMode: network.name }),
    },
    ...(network === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [network.name]: network.endpoint } } }),
  };
}

interface Joined {
  readonly name: string;
  readonly aliases: string[];
  /** How it is joined, for the engine. */
  readonly endpoint: Record<string, unknown> & { Aliases: string[] };
}

/** Networks to join, as Docker names them, always in the same order. */
export const networksOf = (spec: ContainerSpec, names: DockerNames, aside?: true): Joined[] =>
  Object.entries(spec.networks)
    .map(([network, named]) => ({ network, aliases: aside ? [] : named }))
    .map(({ network, aliases }) => ({
      name: names.network(network),
      aliases,
      endpoint: { Aliases: aliases, ...endpointSettings(spec.engine?.addresses?.[network]) },
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const hostConfig = (spec: ContainerSpec, names: DockerNames): HostConfig => ({
  Mounts: mounts(spec, names),
  Binds: binds(spec),
  Tmpfs: tmpfs(spec),
  PortBindings: portBindings(spec),
  RestartPolicy: {
    Name: restartPolicy(spec.restart),
    ...(spec.engine?.restartTries === undefined ? {} : { MaximumRetryCount: spec.engine.restartTries }),
  },
  NetworkMode: "none",
  ...(spec.memoryBytes === undefined ? {} : { Memory: spec.memoryBytes }),
  ...(spec.cpus === undefined ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
  ...(spec.shmBytes === undefined ? {} : { ShmSize: spec.shmBytes }),
  CapAdd: spec.capAdd,
  CapDrop: spec.capDrop,
  ReadonlyRootfs: spec.readOnly,
  Init: spec.init,
  ExtraHosts: spec.extraHosts,
});

/** The engine starts `always` again at boot even what was stopped on purpose; a stopped instance has to stay stopped. */
export const restartPolicy = (restart: ContainerSpec["restart"]) => (restart === "always" ? "unless-stopped" : restart);

const healthcheck = (check: NonNullable<ContainerSpec["healthcheck"]>) => ({
  Test: check.test,
  Interval: check.intervalMs * NANOSECONDS_PER_MS,
  Timeout: check.timeoutMs * NANOSECONDS_PER_MS,
  Retries: check.retries,
  StartPeriod: check.startPeriodMs * NANOSECONDS_PER_MS,
});

const mounts = (spec: ContainerSpec, names: DockerNames): Mounts =>
  spec.mounts.flatMap((mount) => {
    if (mount.type === "tmpfs") return [];
    const source = mount.type === "volume" ? names.volume(mount.volume) : mount.source;
    if (mount.type === "bind" && isBind(mount)) return [];
    return [
      {
        Type: mount.type,
        Source: source,
        Target: mount.target,
        ReadOnly: mount.readOnly,
        ...(mount.type === "volume" && mount.noCopy ? { VolumeOptions: noCopy } : {}),
        ...(mount.type === "bind" && mount.propagation !== undefined
          ? { BindOptions: { Propagation: propagation(mount.propagation) } }
          : {}),
      },
    ];
  });

const noCopy = { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } };

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;
const propagation = (text: string) => propagations.find((known) => known === text) ?? "rprivate";

/** In this form alone the engine makes a folder where there is no source, and labels it (API 1.41). */
const isBind = ({ createSource, relabel }: { createSource?: true | undefined; relabel?: string | undefined }) =>
  createSource === true || relabel !== undefined;

const binds = (spec: ContainerSpec) =>
  spec.mounts.flatMap((mount) => {
    if (mount.type !== "bind" || !isBind(mount)) return [];
    const { readOnly, propagation, relabel } = mount;
    const options = [readOnly ? "ro" : "rw", propagation, relabel].filter((option) => option !== undefined);
    return [`${mount.source}:${mount.target}:${options.join(",")}`];
  });

const tmpfs = (spec: ContainerSpec) =>
  Object.fromEntries(
    spec.mounts.flatMap((mount) => {
      if (mount.type !== "tmpfs") return [];
      const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`];
      return [[mount.target, [...size, ...(mount.options === undefined ? [] : [mount.options])].join(",")]];
    }),
  );

const portKey = ({ container, protocol }: { container: number; protocol: string }) => `${container}/${protocol}`;

function portBindings(spec: ContainerSpec): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of spec.ports) {
    const range = port.hostLast === undefined ? String(port.host) : `${port.host}-${port.hostLast}`;
    const binding = { HostIp: port.address, HostPort: port.host === 0 ? "" : range };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding];
  }
  return bindings;
}
