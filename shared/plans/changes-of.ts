import { type ContainerSpec, containerName } from "../container-spec.ts";
import { generationOf, settingsOf } from "../generation.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import type { Step } from "../steps.ts";
import { differences } from "./differences.ts";

/** What a plan does to one container, and why. */
export interface Change {
  /** Like `notes/web`. */
  readonly container: string;
  readonly verdict: "up-to-date" | "update" | "recreate" | "remove" | "create";
  /** What differs, where what was there before is known. */
  readonly reason: string;
}

/** What a plan means for each container that it touches, and for the others of the same instances. */
export function changesOf(plan: readonly Step[], seen: Observed): Change[] {
  const made = new Map<string, { spec: ContainerSpec; kind: string }>();
  const removed = new Set<string>();
  const instances = new Set<string>();
  for (const step of plan) {
    if (step.kind === "container.create" || step.kind === "container.update") {
      made.set(containerName({ ...step.spec, replica: step.replica }), step);
      instances.add(step.spec.instance);
    }
    if (step.kind === "container.remove") removed.add(containerName(step));
    if ("instance" in step) instances.add(step.instance);
  }
  const present = seen.containers.filter(({ instance }) => instances.has(instance));
  const names = [...new Set([...present.map(containerName), ...made.keys()])].sort();
  return names.map((container): Change => {
    const found = present.filter((known) => containerName(known) === container);
    const wanted = made.get(container);
    if (wanted === undefined) {
      if (removed.has(container)) return { container, verdict: "remove", reason: "it is no longer asked for" };
      return { container, verdict: "up-to-date", reason: "nothing differs" };
    }
    if (found.length === 0) return { container, verdict: "create", reason: "there is none" };
    const verdict = wanted.kind === "container.update" ? "update" : "recreate";
    return { container, verdict, reason: reasonOf(wanted.spec, found, seen) };
  });
}

function reasonOf(wanted: ContainerSpec, found: readonly ObservedContainer[], seen: Observed): string {
  if (found.every(({ state }) => state === "dead")) return "it is dead";
  if (found.every(({ generation }) => generation === "unfinished")) return "it was never finished";
  const recorded = seen.instances
    .find(({ resolved }) => resolved.name === wanted.instance)
    ?.resolved.containers.find(({ service }) => service === wanted.service);
  const isKnown =
    recorded !== undefined &&
    found.some(
      ({ generation, settings }) => generation === generationOf(recorded) && settings === settingsOf(recorded),
    );
  if (!isKnown) return "it is not as it was recorded";
  return differences(recorded, wanted).join("; ") || "a service whose namespaces it shares is made anew";
}
