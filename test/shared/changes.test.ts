import { describe, expect, it } from "vitest";
import { z } from "zod";
import { containerName } from "#shared/container-spec.ts";
import { planRemoved, planRunning, planStopped, recordOf } from "#shared/plans/changes.ts";
import { changesOf } from "#shared/plans/changes-of.ts";
import { stages } from "#shared/plans/stages.ts";
import { planUndone } from "#shared/plans/undo.ts";
import { type Step, stepTitle } from "#shared/steps.ts";
import { App, resolvedApp } from "./app.ts";
import { goldenCases } from "./golden.ts";
import { apply, emptyWorld, observe, type World } from "./world.ts";

const Case = z.object({
  title: z.string(),
  /** What is installed, or nothing. */
  before: App.optional(),
  /** What becomes of the containers of that name then. */
  meanwhile: z.record(z.string(), z.enum(["exited", "dead", "gone"])).default({}),
  /** What is wanted: an instance, none of it, or none of it running. */
  wanted: z.union([z.literal("removed"), z.literal("stopped"), App]),
  /** The step of the plan that fails, counted from 1: the way back is in `undo`. */
  fails: z.number().int().optional(),
});
type Case = z.output<typeof Case>;

const ID = "cmd_00000000";

function planOf(wanted: Case["wanted"], world: World): readonly Step[] {
  const seen = observe(world);
  if (wanted === "removed") return planRemoved("app", seen, "delete");
  if (wanted !== "stopped") return planRunning(resolvedApp(wanted), seen);
  const record = world.records.app;
  if (record === undefined) throw new Error("there is nothing to stop");
  return planStopped(record, seen);
}

function worldOf({ before, meanwhile }: Case): World {
  const empty = emptyWorld({});
  if (before === undefined) return empty;
  const installed = apply(empty, planRunning(resolvedApp(before), observe(empty)), "cmd_before");
  const containers = Object.entries(installed.containers).flatMap(([key, container]) => {
    const fate = meanwhile[containerName({ ...container.spec, replica: container.replica })];
    if (fate === undefined) return [[key, container] as const];
    return fate === "gone" ? [] : [[key, { ...container, state: fate, health: "none", exitCode: 1 } as const] as const];
  });
  return { ...installed, containers: Object.fromEntries(containers) };
}

/** Images stay where they are, and so do secrets. */
const essence = (world: World) => ({ ...world, images: [] });

const titles = (plan: readonly Step[]) => plan.map(stepTitle);

describe.each(goldenCases("test/changes", Case, ["changes", "plan", "undo"]))("$name", ({ input, expectOutput }) => {
  const world = worldOf(input);
  const plan = planOf(input.wanted, world);

  it(input.title, () => {
    const failed = input.fails === undefined ? undefined : apply(world, plan.slice(0, input.fails - 1), ID);
    expectOutput({
      changes: Object.fromEntries(
        changesOf(plan, observe(world)).map(({ container, verdict, reason }) => [container, `${verdict}: ${reason}`]),
      ),
      plan: stages(plan).map((round) => round.flatMap((place) => titles(plan.slice(place, place + 1)))),
      undo: failed && titles(planUndone("app", observe(failed), ID)),
    });
  });

  it("plans nothing more once it is carried out, and the same when it is asked again", () => {
    expect(titles(planOf(input.wanted, apply(world, plan, ID)))).toEqual([]);
    expect(planOf(input.wanted, world)).toEqual(plan);
  });

  it("gets to the same end round by round, in either order, and when it is interrupted after any step", () => {
    const end = essence(apply(world, plan, ID));
    const inOrder = (rounds: number[][]) => rounds.flat().flatMap((place) => plan.slice(place, place + 1));
    expect(essence(apply(world, inOrder(stages(plan)), ID))).toEqual(end);
    expect(essence(apply(world, inOrder(stages(plan).map((round) => round.toReversed())), ID))).toEqual(end);
    for (const done of plan.keys()) {
      const interrupted = apply(world, plan.slice(0, done), ID);
      expect(essence(apply(interrupted, planOf(input.wanted, interrupted), ID)), `after ${done} steps`).toEqual(end);
    }
  });

  if (typeof input.wanted === "string") return;

  it("is taken back after any step", () => {
    const { app } = world.records;
    const recorded = app === undefined ? world : apply(world, planRunning(app.resolved, observe(world)), "cmd_repair");
    for (const done of plan.slice(0, -1).keys()) {
      const failed = apply(world, plan.slice(0, done), ID);
      const undone = apply(failed, planUndone("app", observe(failed), ID), ID);
      expect(essence(undone), `after ${done} steps`).toEqual(essence(recorded));
    }
  });

  it("is recorded as it is wanted", () => {
    if (typeof input.wanted === "string") return;
    expect(apply(world, plan, ID).records.app).toEqual(recordOf(resolvedApp(input.wanted)));
  });
});
