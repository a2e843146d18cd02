import type { BoundCommand } from "#shared/command.ts";
import { composeInstance, instanceNameOf } from "#shared/compose/instance.ts";
import { admitted } from "#shared/plans/admission.ts";
import { planRemoved, planRunning } from "#shared/plans/changes.ts";
import { planUndone } from "#shared/plans/undo.ts";
import type { Terminal } from "./command.ts";
import type { LoadedProject } from "./compose-project.ts";

/** The project up, every container as the files say. */
export function upCommand({ project, path, variables }: LoadedProject, { say }: Pick<Terminal, "say">): BoundCommand {
  const resolved = composeInstance(project, { path, variables, onNote: say });
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
