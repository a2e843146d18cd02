import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bindCommand } from "#shared/command-registry.ts";
import { containerName } from "#shared/container-spec.ts";
import { generationOf } from "#shared/generation.ts";
import { limits } from "#shared/machine.ts";
import { moduleVersion } from "#shared/modules/manifest.ts";
import { Problem } from "#shared/problem.ts";
import { type Step, stepTitle } from "#shared/steps.ts";
import { goldenCases } from "./golden.ts";
import { modulesIn } from "./modules-on-disk.ts";
import { apply, emptyWorld, keyOf, observe, type World } from "./world.ts";

const modules = { v1: modulesIn("test/plans/modules/v1"), v2: modulesIn("test/plans/modules/v2") };

/** `{ "module.install": { … } }` */
const Command = z.record(z.string(), z.record(z.string(), z.unknown()));

/** What befalls the beacon after the commands in `before`. */
const Mishap = z.union([
  z.strictObject({ container: z.string(), state: z.enum(["exited", "dead", "gone"]) }),
  z.strictObject({ container: z.string(), health: z.enum(["starting", "unhealthy"]) }),
  z.strictObject({ orphan: z.string(), like: z.string() }),
  z.strictObject({ foreignPort: z.number() }),
  z.strictObject({ freeDiskMb: z.number() }),
  z.strictObject({
    machine: z.strictObject({
      architecture: z.string(),
      limits: z.array(z.enum(limits)),
      devices: z.array(z.string()),
      sysctls: z.array(z.string()),
      capabilities: z.array(z.string()),
      kernelModules: z.array(z.string()),
    }),
  }),
  z.strictObject({ entitled: z.array(z.string()) }),
  z.strictObject({ foreign: z.record(z.enum(["container", "network", "volume"]), z.array(z.string())) }),
  z.strictObject({ lostRoutes: z.string() }),
  z.strictObject({ lostImage: z.string() }),
  z.strictObject({ catalog: z.enum(["v1", "v2"]), keeps: z.boolean().default(true) }),
]);
type Mishap = z.output<typeof Mishap>;

const Case = z.object({
  title: z.string(),
  before: z.array(Command).default([]),
  meanwhile: z.array(Mishap).default([]),
  command: Command,
  /** The step of the plan that fails, counted from 1: what is planned to take the others back is in `undo`. */
  fails: z.number().int().optional(),
});

const ID = "cmd_00000000";

const bind = (command: z.output<typeof Command>) => {
  const [[name, input] = ["", {}]] = Object.entries(command);
  return bindCommand(name, input);
};

const carriedOut = (world: World, command: z.output<typeof Command>, id: string) =>
  apply(world, bind(command).plan(observe(world)), id);

function befallen(world: World, mishap: Mishap): World {
  if ("foreignPort" in mishap) return { ...world, foreignPorts: [{ port: mishap.foreignPort, protocol: "tcp" }] };
  if ("machine" in mishap) return { ...world, machine: { ...world.machine, ...mishap.machine } };
  if ("entitled" in mishap) return { ...world, entitlements: { modules: mishap.entitled } };
  if ("foreign" in mishap) return { ...world, foreign: mishap.foreign };
  if ("freeDiskMb" in mishap) return { ...world, freeDiskBytes: mishap.freeDiskMb * 2 ** 20 };
  if ("lostImage" in mishap) return { ...world, images: world.images.filter((image) => image !== mishap.lostImage) };
  if ("catalog" in mishap) {
    const former = Object.values(mishap.keeps ? world.modules : {}).map(
      (module) => [moduleVersion(module.manifest), module] as const,
    );
    return {
      ...world,
      modules: { ...world.modules, ...modules[mishap.catalog] },
      formerModules: Object.fromEntries(former),
    };
  }
  if ("lostRoutes" in mishap) {
    const { [mishap.lostRoutes]: _lost, ...routes } = world.routes;
    return { ...world, routes };
  }
  if ("orphan" in mishap) {
    const [, like] = containerIn(world, mishap.like);
    const service = mishap.orphan.split("/")[1] ?? "";
    const spec = { ...like.spec, service, ports: [] };
    const key = keyOf({ ...spec, replica: 1, generation: generationOf(spec) });
    return { ...world, containers: { ...world.containers, [key]: { ...like, spec } } };
  }
  const [key, container] = containerIn(world, mishap.container);
  const { [key]: _before, ...others } = world.containers;
  if ("health" in mishap)
    return { ...world, containers: { ...others, [key]: { ...container, health: mishap.health } } };
  if (mishap.state === "gone") return { ...world, containers: others };
  const stopped = { ...container, state: mishap.state, health: "none" } as const;
  return { ...world, containers: { ...others, [key]: stopped } };
}

/** The container of a name like `notes/web`, with its key. */
function containerIn(world: World, name: string) {
  const found = Object.entries(world.containers).find(
    ([, { spec, replica }]) => containerName({ ...spec, replica }) === name,
  );
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** Drift from what is recorded: a command that is taken back leaves the instance as it is recorded, not as it was found. */
const isDrift = (mishap: Mishap) => "container" in mishap || "orphan" in mishap || "lostRoutes" in mishap;

const described = (plan: readonly Step[]) => plan.map((step) => ({ [step.kind]: stepTitle(step) }));

/** What a plan may leave behind when it is taken back: it does no harm, and the next attempt takes it up. */
const essence = (world: World) => ({
  ...world,
  images: [],
  networks: world.networks.filter((network) => network.includes("/")),
  containers: Object.fromEntries(
    Object.entries(world.containers)
      .map(([name, { spec, state }]) => [name, { spec, runs: state === "running" }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
  secrets: Object.fromEntries(
    Object.entries(world.secrets).filter(([instance]) => !Object.hasOwn(world.records, instance)),
  ),
});

const outcomeOf = (run: () => readonly Step[]) => {
  try {
    return { plan: run() };
  } catch (error) {
    return { problem: Problem.wrap(error) };
  }
};

describe.each(goldenCases("test/plans", Case, ["plan", "undo", "problem"]))("$name", ({ input, expectOutput }) => {
  const before = input.before.reduce(
    (world, command, n) => carriedOut(world, command, `cmd_before_${n}`),
    emptyWorld(modules.v1),
  );
  const world = input.meanwhile.reduce(befallen, before);
  const { plan, problem } = outcomeOf(() => bind(input.command).plan(observe(world)));

  it(input.title, () => {
    const undo =
      plan === undefined || input.fails === undefined
        ? undefined
        : described(bind(input.command).undo(observe(apply(world, plan.slice(0, input.fails - 1), ID)), ID));
    expectOutput({ plan: plan && described(plan), undo, problem: problem?.toJSON() });
  });

  if (plan === undefined) return;
  const command = bind(input.command);

  it("plans nothing more once its plan is carried out", () => {
    expect(described(command.plan(observe(apply(world, plan, ID))))).toEqual([]);
  });

  it("gets to the same end when it is interrupted after any step and planned again", () => {
    const end = essence(apply(world, plan, ID));
    for (const done of plan.keys()) {
      const interrupted = apply(world, plan.slice(0, done), ID);
      expect(essence(apply(interrupted, command.plan(observe(interrupted)), ID)), `after ${done} steps`).toEqual(end);
    }
  });

  const undoable = ["module.configure", "module.install", "module.restart", "module.rotate-secrets", "module.update"];
  if (!undoable.some((name) => Object.hasOwn(input.command, name))) return;

  it("is taken back after any step, and nothing is left to take back then", () => {
    const recorded = input.meanwhile.filter((mishap) => !isDrift(mishap)).reduce(befallen, before);
    // What was recorded is what it is taken back to.
    const last = plan.findIndex(({ kind }) => kind === "instance.put");
    for (const done of plan.keys()) {
      const expected = last !== -1 && done > last ? apply(world, plan, ID) : recorded;
      const failed = apply(world, plan.slice(0, done), ID);
      const undone = apply(failed, command.undo(observe(failed), ID), ID);
      expect(essence(undone), `after ${done} steps`).toEqual(essence(expected));
      expect(described(command.undo(observe(undone), ID)), `after ${done} steps`).toEqual([]);
    }
  });
});
