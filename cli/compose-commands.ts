import type { BoundCommand } from "#shared/command.ts";
import { composeInstance, instanceNameOf } from "#shared/compose/instance.ts";
import { admitted } from "#shared/plans/admission.ts";
import { planRemoved, planRunning } from "#shared/plans/changes.ts";
import { planUndone } from "#shared/plans/undo.ts";
import type { Terminal } from "./command.ts";
import type { ComposeEngine } from "./compose-engine.ts";
import type { LoadedProject } from "./compose-project.ts";

/** What `up` needs of an engine before it can say what it wants: the newest images, and a place for secrets. */
export type Preparing = Pick<ComposeEngine, "newestImages" | "keepSecrets">;

/**
 * The project up, every container as the files say.
 * @param look `as-is` for a look at the plan, which pulls nothing and keeps nothing.
 */
export async function upCommand(
  { project, placeOf, path, variables }: LoadedProject,
  { engine, say, look }: { engine: Preparing; look: "as-is" | "newest" } & Pick<Terminal, "say">,
): Promise<BoundCommand> {
  const services = Object.values(project.services);
  const followed = services.filter(({ pull_policy }) => pull_policy === "always").map(({ image }) => image);
  const newest = await engine.newestImages([...new Set(followed)], look);
  const named = Object.values(project.secrets ?? {}).flatMap(({ environment }) => environment ?? []);
  const values = Object.fromEntries(named.map((variable) => [variable, variables[variable] ?? ""]));
  const secretOf = engine.keepSecrets(instanceNameOf(project.name), values, look);
  const resolved = composeInstance({ project, placeOf }, { path, variables, onNote: say, secretOf, newest });
  return {
    name: "compose.up",
    title: `Bring ${project.name} up`,
    input: {},
    lane: resolved.name,
    plan: (seen) => admitted(resolved, seen, planRunning(resolved, seen)),
    undo: (seen, id) => planUndone(resolved.name, seen, id),
  };
}

/** No container and no network of the project; with `volumes`, no data either. */
export function downCommand(project: string, volumes: boolean): BoundCommand {
  const name = instanceNameOf(project);
  return {
    name: "compose.down",
    title: `Bring ${project} down`,
    input: {},
    lane: name,
    plan: (seen) => planRemoved(name, seen, volumes ? "delete" : "keep"),
    undo: () => [],
  };
}
