import { planRunning } from "#shared/plans/changes.ts";
import { stages } from "#shared/plans/stages.ts";
import { App, resolvedApp } from "#test/shared/app.ts";
import { apply, emptyWorld, observe } from "#test/shared/world.ts";
import { median, type Row } from "./table.ts";

const MODULES = 81;
const TURNS = 20;

const services = App.parse({
  db: { volumes: ["data"] },
  cache: {},
  web: { after: ["db", "cache"], ports: [], memoryMb: 64 },
  worker: { after: ["db"] },
});

function instance(number: number) {
  const name = `app-${number}`;
  const resolved = resolvedApp(services);
  return { ...resolved, name, containers: resolved.containers.map((spec) => ({ ...spec, instance: name })) };
}

/** The planner alone: plans for 81 modules of four services each, on an empty beacon and on one that has them all. */
export function benchPlanner(): Row[] {
  const instances = Array.from({ length: MODULES }, (_, number) => instance(number));
  const empty = emptyWorld({});
  const full = instances.reduce((world, one) => apply(world, planRunning(one, observe(world)), "cmd_bench"), empty);
  return [
    timed(`plans of ${MODULES} modules, none installed`, () => {
      const seen = observe(empty);
      for (const one of instances) stages(planRunning(one, seen));
    }),
    timed(`plans of ${MODULES} modules, all installed`, planAgain(observe(full), instances)),
  ];
}

const planAgain = (seen: ReturnType<typeof observe>, instances: ReturnType<typeof instance>[]) => () => {
  for (const one of instances) {
    const { length } = planRunning(one, seen);
    if (length > 0) throw new Error(`${one.name} is installed, and yet ${length} steps are planned`);
  }
};

function timed(what: string, work: () => void): Row {
  const times = Array.from({ length: TURNS }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  const ms = median(times);
  return { what, ours: `${ms.toFixed(1)} ms`, peer: "50 ms at most", ratio: ms / 50 };
}
