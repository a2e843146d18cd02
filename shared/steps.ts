import { z } from "zod";
import { ContainerSpec, containerName } from "./container-spec.ts";
import { InstanceRecord } from "./instance.ts";
import { InstanceName } from "./names.ts";
import { NetworkSpec, VolumeSettings } from "./resource-spec.ts";
import { Route } from "./route.ts";

/** One generation of one replica: while a service is replaced, two of them exist. */
const Container = {
  instance: InstanceName,
  service: z.string(),
  replica: z.number().int().positive(),
  generation: z.string(),
};
const Specified = { spec: ContainerSpec, replica: z.number().int().positive() };

/**
 * Everything an agent can do to a beacon. Each step is safe to carry out again: it looks first, and what already holds
 * is left alone. A step here without an executor in `agent/steps/` does not compile.
 */
export const Steps = {
  "image.pull": z.object({ image: z.string() }),
  "network.create": NetworkSpec,
  "network.remove": z.object({ network: z.string() }),
  "volume.create": z.object({ volume: z.string(), ...VolumeSettings.shape }),
  "volume.remove": z.object({ volume: z.string() }),
  "secret.create": z.object({ instance: InstanceName, secret: z.string(), bytes: z.number().int().min(8) }),
  /** Of a secret that another one has taken the place of. */
  "secret.remove": z.object({ instance: InstanceName, secret: z.string() }),
  "secrets.remove": z.object({ instance: InstanceName }),
  "database.create": z.object({ instance: InstanceName, database: z.string(), secret: z.string() }),
  /** Gives the owner of a database the password that the secret holds. */
  "database.password": z.object({ instance: InstanceName, database: z.string(), secret: z.string() }),
  "database.drop": z.object({ database: z.string() }),
  "redis.user-create": z.object({ instance: InstanceName, user: z.string(), secret: z.string() }),
  /** Gives a user the password that the secret holds, and its rights. */
  "redis.password": z.object({ instance: InstanceName, user: z.string(), secret: z.string() }),
  "redis.user-remove": z.object({ instance: InstanceName, user: z.string() }),
  /** `aside`: under no name in its networks, until `container.join`. */
  "container.create": z.object({ ...Specified, aside: z.literal(true).exactOptional() }),
  /** Brings limits, restart policy and networks of a container that exists to those of the spec. */
  "container.update": z.object(Specified),
  /** `after`: services of the instance that have to be ready before. */
  "container.start": z.object({ ...Container, after: z.array(z.string()) }),
  "container.healthy": z.object(Container),
  /** Gives a container that was created aside its names: from now on it is asked. */
  "container.join": z.object(Specified),
  /** Waits until a container that has an end has come to a good one. */
  "container.completed": z.object(Container),
  /** Lets a former generation finish what it is doing and end, once the new one serves. */
  "container.drain": z.object(Container),
  "container.stop": z.object(Container),
  "container.remove": z.object(Container),
  "routes.put": z.object({ instance: InstanceName, routes: z.array(Route) }),
  "routes.remove": z.object({ instance: InstanceName }),
  "instance.put": z.object({ record: InstanceRecord }),
  "instance.remove": z.object({ instance: InstanceName }),
} as const;

export type StepKind = keyof typeof Steps;
type Args = { [K in StepKind]: z.output<(typeof Steps)[K]> };

/** A step of one kind, or of any: `{ kind, …arguments }`. */
export type Step<K extends StepKind = StepKind> = { [P in K]: { kind: P } & Args[P] }[K];

type Titles = { [K in StepKind]: (step: Step<K>) => string };

const titles: Titles = {
  "image.pull": (step) => `Pull image ${step.image}`,
  "network.create": (step) => `Create network ${step.network}`,
  "network.remove": (step) => `Remove network ${step.network}`,
  "volume.create": (step) => `Create volume ${step.volume}`,
  "volume.remove": (step) => `Delete volume ${step.volume} and the data in it`,
  "secret.create": (step) => `Make secret ${step.secret} of ${step.instance}`,
  "secret.remove": (step) => `Delete secret ${step.secret} of ${step.instance}, which nothing uses any more`,
  "secrets.remove": (step) => `Delete the secrets of ${step.instance}`,
  "database.create": (step) => `Create database ${step.database} and its owner`,
  "database.password": (step) => `Give the owner of database ${step.database} the password ${step.secret}`,
  "database.drop": (step) => `Delete database ${step.database} and the data in it`,
  "redis.user-create": (step) => `Make Redis user ${step.user} with a database of its own`,
  "redis.password": (step) => `Give Redis user ${step.user} the password ${step.secret}`,
  "redis.user-remove": (step) => `Remove Redis user ${step.user} and what it stored`,
  "container.create": ({ spec, replica }) => `Create container ${containerName({ ...spec, replica })}`,
  "container.update": ({ spec, replica }) => `Change settings of ${containerName({ ...spec, replica })} in place`,
  "container.start": (step) => `Start ${containerName(step)}`,
  "container.healthy": (step) => `Wait until ${containerName(step)} is healthy`,
  "container.join": ({ spec, replica }) => `Let ${containerName({ ...spec, replica })} answer from now on`,
  "container.completed": (step) => `Wait until ${containerName(step)} has done its work`,
  "container.drain": (step) => `Let the former ${containerName(step)} finish and stop`,
  "container.stop": (step) => `Stop ${containerName(step)}`,
  "container.remove": (step) => `Remove container ${containerName(step)}`,
  "routes.put": (step) => `Serve ${step.routes.map((route) => route.host + route.path).join(", ")}`,
  "routes.remove": (step) => `Stop serving ${step.instance}`,
  "instance.put": (step) => `Record ${step.record.resolved.name} as ${step.record.desired}`,
  "instance.remove": (step) => `Forget ${step.instance}`,
};

const titleOf = <K extends StepKind>(step: Step<K>) => titles[step.kind](step);

/** A step as a person reads it. */
export const stepTitle = (step: Step): string => titleOf(step);
