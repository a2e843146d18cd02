import type { ContainerSpec } from "../container-spec.ts";
import type { Step } from "../steps.ts";

/**
 * For each step of a plan the places of those that have to be done before it. What makes things waits only for what it is
 * made of; what stops, removes, serves or records waits for all before it, and all after it waits for that.
 */
export function dependenciesOf(plan: readonly Step[]): number[][] {
  let barrier = -1;
  return plan.map((step, place) => {
    if (isBarrier(step)) {
      const from = Math.max(barrier, 0);
      barrier = place;
      return Array.from({ length: place - from }, (_, n) => from + n);
    }
    const waits = plan.flatMap((earlier, n) => (n > barrier && n < place && needs(step, earlier) ? [n] : []));
    return barrier === -1 ? waits : [barrier, ...waits];
  });
}

/** Places of the steps in the rounds in which they can be carried out side by side, when each takes equally long. */
export function stages(plan: readonly Step[]): number[][] {
  const rounds: number[] = [];
  for (const waits of dependenciesOf(plan)) {
    rounds.push(Math.max(0, ...waits.map((place) => (rounds[place] ?? 0) + 1)));
  }
  const last = Math.max(-1, ...rounds);
  return Array.from({ length: last + 1 }, (_, round) =>
    rounds.flatMap((mine, place) => (mine === round ? [place] : [])),
  );
}

const sideBySide: ReadonlySet<Step["kind"]> = new Set([
  "image.pull",
  "network.create",
  "volume.create",
  "secret.create",
  "database.create",
  "database.password",
  "redis.user-create",
  "redis.password",
  "container.create",
  "container.start",
  "container.healthy",
  "container.completed",
]);

const isBarrier = ({ kind }: Step) => !sideBySide.has(kind);

function needs(step: Step, earlier: Step): boolean {
  switch (step.kind) {
    case "secret.create":
    case "database.create":
    case "database.password":
    case "redis.user-create":
    case "redis.password":
      return isPrepared(earlier);
    case "container.create":
      return (
        isMadeOf(step.spec, earlier) ||
        isOwnerOf(step.spec, earlier) ||
        isOf(earlier, { ...step.spec, replica: step.replica })
      );
    case "container.start":
      return isOf(earlier, step) || step.after.includes(serviceOf(earlier) ?? "");
    case "container.healthy":
    case "container.completed":
      return isOf(earlier, step);
    default:
      return false;
  }
}

/** Whose namespaces are shared has to run first. */
const isOwnerOf = ({ engine }: ContainerSpec, earlier: Step) =>
  Object.hasOwn(engine?.namespaces ?? {}, serviceOf(earlier) ?? "");

const prepared: ReadonlySet<Step["kind"]> = new Set([
  "secret.create",
  "database.create",
  "database.password",
  "redis.user-create",
  "redis.password",
]);

const isPrepared = ({ kind }: Step) => prepared.has(kind);

function isMadeOf(spec: ContainerSpec, earlier: Step): boolean {
  switch (earlier.kind) {
    case "image.pull":
      return earlier.image === spec.image;
    case "network.create":
      return Object.hasOwn(spec.networks, earlier.network);
    case "volume.create":
      return spec.mounts.some((mount) => mount.type === "volume" && mount.volume === earlier.volume);
    case "secret.create":
    case "database.create":
    case "database.password":
    case "redis.user-create":
    case "redis.password":
      return true;
    default:
      return false;
  }
}

const serviceOf = (step: Step) =>
  step.kind === "container.create" ? step.spec.service : "service" in step ? step.service : undefined;

const isOf = (step: Step, { service, replica }: { service: string; replica: number }) =>
  serviceOf(step) === service && "replica" in step && step.replica === replica;
