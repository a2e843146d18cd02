import { flatContainerName, flatName } from "../../container-spec.ts";
import type { ResolvedInstance } from "../../instance.ts";
import type { Observed } from "../../observed.ts";
import type { Step } from "../../steps.ts";
import type { Objection } from "./objection.ts";

/** Names that the plan would give in Docker, and that somebody else's things have. */
export const takenNames = ({ name: instance }: ResolvedInstance, { foreign }: Observed, plan: readonly Step[]) =>
  plan.flatMap((step): Objection[] => {
    const taken = (kind: "container" | "network" | "volume", name: string, logical: string) =>
      foreign[kind].includes(name)
        ? [
            {
              code: "conflict",
              where: instance,
              message: `the name of the ${kind} ${logical} is taken in Docker by one that does not belong to WOPR`,
              hint: `Rename or remove that ${kind}, or choose another name for the instance.`,
            } as const,
          ]
        : [];
    if (step.kind === "network.create") return taken("network", flatName(step.network), step.network);
    if (step.kind === "volume.create") return taken("volume", flatName(step.volume), step.volume);
    if (step.kind !== "container.create") return [];
    const name = flatContainerName({ ...step.spec, replica: step.replica });
    return taken("container", name, `${instance}/${step.spec.service}`);
  });

/** The name of an instance stands for one module. */
export function foreignModule(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const known = seen.instances.find((instance) => instance.resolved.name === resolved.name);
  if (known === undefined || known.resolved.module === resolved.module) return [];
  return [
    {
      code: "conflict",
      where: resolved.name,
      message: `${resolved.name} is already the name of an instance of ${known.resolved.module}`,
      hint: "Choose another name for the instance.",
    },
  ];
}
