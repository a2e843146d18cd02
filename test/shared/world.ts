import { type ContainerSpec, containerName, secretMarks } from "#shared/container-spec.ts";
import { ASIDE, generationOf, settingsOf } from "#shared/generation.ts";
import { hashOf } from "#shared/hash.ts";
import type { InstanceRecord } from "#shared/instance.ts";
import type { Machine } from "#shared/machine.ts";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { sharedServices } from "#shared/modules/resolve.ts";
import { REDIS_DATABASE } from "#shared/modules/variables.ts";
import type { BeaconFacts, Observed, ObservedContainer, ObservedPort } from "#shared/observed.ts";
import type { Step, StepKind } from "#shared/steps.ts";

export interface WorldContainer extends Pick<ObservedContainer, "state" | "health" | "exitCode"> {
  readonly spec: ContainerSpec;
  readonly replica: number;
  /** Nobody asks it. */
  readonly aside?: true | undefined;
}

/** A beacon as planners see one, without an engine: every step is a pure function, and refused where an engine would. */
export interface World {
  readonly beacon: BeaconFacts;
  readonly modules: Readonly<Record<string, ModuleDefinition>>;
  readonly formerModules: Readonly<Record<string, ModuleDefinition>>;
  readonly records: Readonly<Record<string, InstanceRecord>>;
  readonly containers: Readonly<Record<string, WorldContainer>>;
  readonly networks: readonly string[];
  /** Names to the command that made them. */
  readonly volumes: Readonly<Record<string, string>>;
  readonly databases: Readonly<Record<string, string>>;
  /** Redis users to the command that made them. */
  readonly redisUsers: Readonly<Record<string, string>>;
  /** Logins to the secret that is their password. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly images: readonly string[];
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /** Hashes of what Caddy would serve. */
  readonly routes: Readonly<Record<string, string>>;
  readonly foreign: Observed["foreign"];
  readonly machine: Machine;
  readonly entitlements: Observed["entitlements"];
  /** Ports that programs which are not ours listen on. */
  readonly foreignPorts: readonly ObservedPort[];
  readonly memoryBytes: number;
  readonly freeDiskBytes: number;
}

export const emptyWorld = (modules: World["modules"]): World => ({
  beacon: {
    domain: "ada.example.org",
    address: "0.0.0.0",
    httpPort: 80,
    httpsPort: 443,
    certificates: "internal",
    caddyDirectory: "/var/lib/wopr/caddy",
  },
  modules,
  formerModules: {},
  records: {},
  containers: {},
  networks: [],
  volumes: {},
  databases: {},
  redisUsers: {},
  passwords: {},
  images: [],
  secrets: {},
  routes: {},
  foreign: { container: [], network: [], volume: [] },
  machine: {
    architecture: "amd64",
    emulated: [],
    cpus: 2,
    limits: ["memory", "swap", "cpu", "cpuset", "cpuShares", "pids"],
    runtimes: ["runc"],
    logDrivers: ["json-file", "local"],
    devices: ["/dev/net/tun"],
    sysctls: ["net.ipv4.conf.default.src_valid_mark"],
    capabilities: ["NET_ADMIN"],
    kernelModules: ["wireguard"],
    gpus: 0,
  },
  entitlements: null,
  foreignPorts: [],
  memoryBytes: 2 * 2 ** 30,
  freeDiskBytes: 20 * 2 ** 30,
});

/** What an agent would see of it. */
export const observe = (world: World): Observed => ({
  beacon: world.beacon,
  modules: world.modules,
  formerModules: world.formerModules,
  instances: Object.values(world.records),
  containers: Object.values(world.containers).map(({ spec, replica, aside, state, health, exitCode }) => ({
    instance: spec.instance,
    service: spec.service,
    replica,
    generation: generationOf(spec),
    settings: aside ? ASIDE : settingsOf(spec),
    image: spec.image,
    state,
    health,
    exitCode,
  })),
  networks: world.networks,
  volumes: Object.entries(world.volumes).map(([volume, createdBy]) => ({ volume, createdBy })),
  images: world.images,
  secrets: world.secrets,
  databases: runs(world, sharedServices.postgres)
    ? Object.entries(world.databases).map(([database, createdBy]) => ({
        database,
        createdBy,
        secret: world.passwords[database],
      }))
    : null,
  redisUsers: runs(world, sharedServices.redis)
    ? Object.entries(world.redisUsers).map(([user, createdBy]) => ({
        user,
        createdBy,
        secret: world.passwords[`redis ${user}`],
      }))
    : null,
  routes: runs(world, "caddy") ? world.routes : null,
  foreign: world.foreign,
  machine: world.machine,
  entitlements: world.entitlements,
  ports: [...world.foreignPorts, ...Object.values(world.containers).flatMap(portsOf)],
  memory: { totalBytes: world.memoryBytes, availableBytes: world.memoryBytes },
  disk: { totalBytes: 40 * 2 ** 30, freeBytes: world.freeDiskBytes },
});

/** Why a step cannot be carried out in the world as it is. */
export class Refused extends Error {}

const runs = (world: World, instance: string) =>
  Object.values(world.containers).some(({ spec, state }) => spec.instance === instance && state === "running");

const portsOf = ({ spec, state }: WorldContainer): ObservedPort[] =>
  state === "running"
    ? spec.ports.map(({ host, protocol }) => ({ port: host, protocol, instance: spec.instance }))
    : [];

type Apply<K extends StepKind> = (world: World, step: Step<K>, id: string) => World;

const steps: { readonly [K in StepKind]: Apply<K> } = {
  "image.pull": (world, { image }) => ({ ...world, images: including(world.images, image) }),
  "network.create": (world, { network }) => ({ ...world, networks: including(world.networks, network) }),
  "network.remove": (world, { network }) => {
    const user = Object.values(world.containers).find(({ spec }) => Object.hasOwn(spec.networks, network));
    require(user === undefined, `network ${network} is in use`);
    return { ...world, networks: world.networks.filter((known) => known !== network) };
  },
  "volume.create": (world, { volume }, id) => ({ ...world, volumes: { [volume]: id, ...world.volumes } }),
  "volume.remove": (world, { volume }) => {
    const user = Object.values(world.containers).find(({ spec }) => volumesOf(spec).includes(volume));
    require(user === undefined, `volume ${volume} is in use`);
    return { ...world, volumes: without(world.volumes, volume) };
  },
  "secret.create": (world, { instance, secret }) => ({
    ...world,
    secrets: { ...world.secrets, [instance]: including(world.secrets[instance] ?? [], secret) },
  }),
  "secret.remove": (world, { instance, secret }) => {
    const user = Object.values(world.containers).find(
      ({ spec, state }) => spec.instance === instance && state === "running" && secretsOf(spec).includes(secret),
    );
    require(user === undefined, `secret ${secret} is in use`);
    const left = (world.secrets[instance] ?? []).filter((name) => name !== secret);
    return { ...world, secrets: { ...world.secrets, [instance]: left } };
  },
  "secrets.remove": (world, { instance }) => ({ ...world, secrets: without(world.secrets, instance) }),
  "database.create": (world, { instance, database, secret }, id) => {
    require(runs(world, sharedServices.postgres), "PostgreSQL does not answer");
    require(world.secrets[instance]?.includes(secret) === true, `there is no secret ${secret}`);
    return {
      ...world,
      databases: { [database]: id, ...world.databases },
      passwords: { ...world.passwords, [database]: secret },
    };
  },
  "database.password": (world, step) => {
    require(Object.hasOwn(world.databases, step.database), `there is no ${step.database}`);
    return steps["database.create"](world, { ...step, kind: "database.create" }, "");
  },
  "database.drop": (world, { database }) => {
    require(runs(world, sharedServices.postgres), "PostgreSQL does not answer");
    return {
      ...world,
      databases: without(world.databases, database),
      passwords: without(world.passwords, database),
    };
  },
  "redis.user-create": (world, { instance, user, secret }, id) => {
    require(runs(world, sharedServices.redis), "Redis does not answer");
    const secrets = world.secrets[instance] ?? [];
    require(secrets.includes(secret), `there is no secret ${secret}`);
    return {
      ...world,
      redisUsers: { [user]: id, ...world.redisUsers },
      passwords: { ...world.passwords, [`redis ${user}`]: secret },
      secrets: { ...world.secrets, [instance]: including(secrets, REDIS_DATABASE) },
    };
  },
  "redis.password": (world, step) => {
    require(Object.hasOwn(world.redisUsers, step.user), `there is no ${step.user}`);
    return steps["redis.user-create"](world, { ...step, kind: "redis.user-create" }, "");
  },
  "redis.user-remove": (world, { user }) => {
    require(runs(world, sharedServices.redis), "Redis does not answer");
    return {
      ...world,
      redisUsers: without(world.redisUsers, user),
      passwords: without(world.passwords, `redis ${user}`),
    };
  },
  "container.create": (world, { spec, replica, aside }) => {
    const key = keyOf({ ...spec, replica, generation: generationOf(spec) });
    require(!Object.hasOwn(world.containers, key), `${key} exists`);
    require(world.images.includes(spec.image), `there is no image ${spec.image}`);
    for (const network of Object.keys(spec.networks)) require(world.networks.includes(network), `no ${network}`);
    for (const volume of volumesOf(spec)) require(Object.hasOwn(world.volumes, volume), `no ${volume}`);
    for (const secret of secretsOf(spec)) {
      require(world.secrets[spec.instance]?.includes(secret) === true, `there is no secret ${secret}`);
    }
    return withContainer(world, { spec, replica, aside, state: "created", health: "none" });
  },
  "container.update": (world, { spec, replica }) => {
    const container = containerOf(world, { ...spec, replica, generation: generationOf(spec) });
    for (const network of Object.keys(spec.networks)) require(world.networks.includes(network), `no ${network}`);
    return withContainer(world, { ...container, aside: undefined, spec });
  },
  "container.join": (world, { spec, replica }) => {
    const container = containerOf(world, { ...spec, replica, generation: generationOf(spec) });
    require(container.aside === true, `${containerName({ ...spec, replica })} has its names`);
    require(container.state === "running" && container.health !== "starting", "it is not ready to be asked");
    return withContainer(world, { ...container, aside: undefined, spec });
  },
  "container.start": (world, step) => {
    const container = containerOf(world, step);
    const others = Object.values(world.containers).filter((other) => other !== container && other.state === "running");
    const taken = [...world.foreignPorts, ...others.flatMap(portsOf)];
    for (const { host } of container.spec.ports) require(!taken.some(({ port }) => port === host), `${host} is taken`);
    const written = others
      .filter(({ spec, replica }) => containerName({ ...spec, replica }) === containerName(step))
      .flatMap(({ spec }) => writableIn(spec));
    for (const volume of writableIn(container.spec)) require(!written.includes(volume), `${volume} has a writer`);
    return withContainer(world, {
      ...container,
      exitCode: undefined,
      state: "running",
      health: container.spec.healthcheck === undefined ? "none" : "starting",
    });
  },
  "container.healthy": (world, step) => {
    const container = containerOf(world, step);
    require(container.state === "running", `${containerName(step)} does not run`);
    return withContainer(world, { ...container, health: container.health === "none" ? "none" : "healthy" });
  },
  "container.completed": (world, step) => {
    const container = containerOf(world, step);
    require(container.state === "running", `${containerName(step)} does not run`);
    return withContainer(world, { ...container, state: "exited", health: "none", exitCode: 0 });
  },
  "container.drain": (world, step) => {
    const serves = Object.values(world.containers).some(
      ({ spec, replica, aside, state, health }) =>
        aside === undefined &&
        containerName({ ...spec, replica }) === containerName(step) &&
        generationOf(spec) !== step.generation &&
        state === "running" &&
        health !== "starting",
    );
    require(serves, `nobody takes over from ${containerName(step)}`);
    return withContainer(world, { ...containerOf(world, step), state: "exited", health: "none", exitCode: 137 });
  },
  "container.stop": (world, step) =>
    withContainer(world, { ...containerOf(world, step), state: "exited", health: "none" }),
  "container.remove": (world, step) => {
    require(containerOf(world, step).state !== "running", `${containerName(step)} runs`);
    return { ...world, containers: without(world.containers, keyOf(step)) };
  },
  "routes.put": (world, { instance, routes }) => {
    require(runs(world, "caddy"), "Caddy does not answer");
    return { ...world, routes: { ...world.routes, [instance]: hashOf(routes) } };
  },
  "routes.remove": (world, { instance }) => ({ ...world, routes: without(world.routes, instance) }),
  "instance.put": (world, { record }) => ({ ...world, records: { ...world.records, [record.resolved.name]: record } }),
  "instance.remove": (world, { instance }) => ({ ...world, records: without(world.records, instance) }),
};

const applyOne = <K extends StepKind>(world: World, step: Step<K>, id: string) => steps[step.kind](world, step, id);

/**
 * The world after `plan` was carried out for command `id`.
 * @throws {Refused} where a step comes before what it needs
 */
export const apply = (world: World, plan: readonly Step[], id: string): World =>
  plan.reduce<World>((before, step) => applyOne(before, step, id), world);

function require(holds: boolean, sentence: string): void {
  if (!holds) throw new Refused(sentence);
}

const including = (list: readonly string[], item: string) => (list.includes(item) ? list : [...list, item].sort());

const without = <Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

const volumesOf = (spec: ContainerSpec) =>
  spec.mounts.flatMap((mount) => (mount.type === "volume" ? [mount.volume] : []));

const writableIn = (spec: ContainerSpec) =>
  spec.mounts.flatMap((mount) => (mount.type === "volume" && !mount.readOnly ? [mount.volume] : []));

const secretsOf = (spec: ContainerSpec) => [...JSON.stringify(spec).matchAll(secretMarks)].map(([, name = ""]) => name);

const withContainer = (world: World, container: WorldContainer): World => ({
  ...world,
  containers: {
    ...world.containers,
    [keyOf({ ...container.spec, replica: container.replica, generation: generationOf(container.spec) })]: container,
  },
});

interface Address {
  readonly instance: string;
  readonly service: string;
  readonly replica: number;
  readonly generation: string;
}

/** Container names with the generation after them. */
export const keyOf = (address: Address) => `${containerName(address)}@${address.generation.slice(0, 8)}`;

function containerOf(world: World, address: Address): WorldContainer {
  const container = world.containers[keyOf(address)];
  if (container === undefined) throw new Refused(`there is no ${keyOf(address)}`);
  return container;
}
