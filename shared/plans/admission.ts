import { routeConflicts } from "../caddy/conflicts.ts";
import type { ResolvedInstance } from "../instance.ts";
import type { Observed } from "../observed.ts";
import { Problem } from "../problem.ts";
import type { Step } from "../steps.ts";
import { machineLacks } from "./admission/machine.ts";
import { foreignModule, takenNames } from "./admission/names.ts";
import type { Objection } from "./admission/objection.ts";
import { portsTooFew, portsTwice, takenPorts } from "./admission/ports.ts";
import { lackOfDisk, lackOfMemory } from "./admission/room.ts";
import { suspension } from "./admission/suspension.ts";
import { engineNameObjections } from "./engine-names.ts";

/**
 * Checks an instance against the beacon before anything is touched, and gives back the plan. What is already as it is
 * wanted needs nobody's leave.
 * @throws {Problem} The first objection's code; `details.objections` lists all of them, each as an `Objection`.
 */
export function admitted(resolved: ResolvedInstance, seen: Observed, plan: readonly Step[]): readonly Step[] {
  if (plan.length === 0) return plan;
  const objections = [
    ...suspension(resolved, seen),
    ...notEntitled(resolved, seen),
    ...foreignModule(resolved, seen),
    ...takenNames(resolved, seen, plan),
    ...missingDependencies(resolved, seen),
    ...takenPorts(resolved, seen),
    ...portsTwice(resolved),
    ...portsTooFew(resolved, seen),
    ...engineNameObjections(resolved, seen),
    ...missingImages(resolved, plan),
    ...takenHosts(resolved, seen),
    ...machineLacks(resolved, seen.machine),
    ...lackOfMemory(resolved, seen),
    ...lackOfDisk(resolved, seen),
  ];
  const [first, ...others] = objections;
  if (first === undefined) return plan;
  const more =
    others.length === 0
      ? ""
      : `, and ${others.length} more ${others.length === 1 ? "thing is" : "things are"} in the way`;
  throw new Problem(first.code, `${first.message}${more}`, { hint: first.hint, details: { objections } });
}

/** An instance keeps what it was once installed with. */
function notEntitled({ name, module, title }: ResolvedInstance, { entitlements, instances }: Observed): Objection[] {
  const isInstalled = instances.some(({ resolved }) => resolved.name === name && resolved.module === module);
  if (entitlements === null || entitlements.modules.includes(module) || isInstalled) return [];
  return [
    {
      code: "not_entitled",
      where: name,
      message: `${title} is not part of what was bought for this beacon`,
      hint: "Add it to the subscription, then try again.",
    },
  ];
}

function missingDependencies(resolved: ResolvedInstance, seen: Observed): Objection[] {
  return resolved.requires.flatMap((required) => {
    const found = seen.instances.find((known) => known.resolved.name === required);
    if (found?.desired === "running") return [];
    return [
      {
        code: "dependency_missing",
        where: resolved.name,
        message: `${resolved.name} needs ${required}, which is ${found === undefined ? "not installed" : "stopped"}`,
        hint: `${found === undefined ? "Install" : "Start"} ${required} first.`,
      } as const,
    ];
  });
}

/** Images that would have to be pulled and must not be. */
const missingImages = ({ localImages = [] }: ResolvedInstance, plan: readonly Step[]): Objection[] =>
  plan.flatMap((step) =>
    step.kind === "image.pull" && localImages.includes(step.image)
      ? [
          {
            code: "image_missing",
            where: step.image,
            message: `image ${step.image} is not on this machine, and is never to be pulled`,
            hint: "Bring it here (docker load, docker build), or let pull_policy be missing.",
          },
        ]
      : [],
  );

function takenHosts({ name, routes }: ResolvedInstance, seen: Observed): Objection[] {
  const instances = seen.instances.map(({ resolved }) => ({ instance: resolved.name, routes: resolved.routes }));
  const conflicts = routeConflicts({ instance: name, routes }, { domain: seen.beacon.domain, instances });
  return conflicts.map(({ code, message, hint = "" }) => ({ code, where: name, message, hint }));
}
