import { expect, it } from "vitest";
import type { ResolvedInstance } from "#shared/instance.ts";
import { planRunning } from "#shared/plans/changes.ts";
import type { Step } from "#shared/steps.ts";
import { App, resolvedApp } from "../app.ts";
import { apply, emptyWorld, observe } from "../world.ts";

const INSTANCES = 44;

function instance(number: number, level = "1"): ResolvedInstance {
  const name = `app-${number}`;
  const resolved = resolvedApp(
    App.parse({
      db: { volumes: ["data"], networks: ["edge"] },
      web: { after: ["db"], networks: ["edge"], environment: { LEVEL: level } },
    }),
  );
  return { ...resolved, name, containers: resolved.containers.map((spec) => ({ ...spec, instance: name })) };
}

/** The container or instance that a step is about. */
function subjectOf(step: Step): string {
  if ("spec" in step) return `${step.spec.instance}/${step.spec.service}`;
  if ("service" in step) return `${step.instance}/${step.service}`;
  return step.kind === "instance.put" ? step.record.resolved.name : step.kind;
}

it("a change in one of many touches only that one, and of it only what changed", () => {
  const all = Array.from({ length: INSTANCES }, (_, number) => instance(number));
  const full = all.reduce((world, one) => apply(world, planRunning(one, observe(world)), "cmd_before"), emptyWorld({}));
  for (const one of all) expect(planRunning(one, observe(full))).toEqual([]);

  const plan = planRunning(instance(17, "2"), observe(full));
  expect(new Set(plan.map(subjectOf))).toEqual(new Set(["app-17/web", "app-17"]));
  const after = apply(full, plan, "cmd_change");
  const others = (world: typeof full) =>
    Object.entries(world.containers).filter(([key]) => !key.startsWith("app-17/web"));
  expect(others(after)).toEqual(others(full));
  for (const one of all.filter(({ name }) => name !== "app-17")) expect(planRunning(one, observe(after))).toEqual([]);
});
