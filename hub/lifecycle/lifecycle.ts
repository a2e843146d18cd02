import type { LifecycleChange, LifecycleJobView } from "#shared/api/lifecycle.ts";
import { canonicalJson } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import { createLanes } from "../lanes.ts";
import type { Live } from "../live.ts";
import { createRunner } from "../provisioning/runner.ts";
import type { Beacon } from "../store/beacons.ts";
import type { InTheWay, LifecycleJob, LifecycleJobStore } from "../store/lifecycle-jobs.ts";
import { advance } from "./advance.ts";
import type { LifecycleContext } from "./change.ts";
import { changeOf } from "./changes/index.ts";
import { calledOff, retried } from "./interventions.ts";
import { lifecycleJobView } from "./job-view.ts";

/** The newest jobs that a list shows. */
const LIST_LIMIT = 200;
const CONCURRENCY = 4;

export interface LifecycleParts extends LifecycleContext {
  readonly jobs: LifecycleJobStore;
  readonly live: Pick<Live, "publish">;
  /** Told what went wrong with the work itself, a failing database for example; problems of a job stand in the job. */
  readonly onError: (error: unknown) => void;
}

export interface LifecycleOrder {
  /** The same again gives the same job. */
  readonly id: string;
  readonly beacon: string;
  readonly change: LifecycleChange;
  readonly actor: string;
}

/** Changes of beacons as a whole: durable jobs that survive the death of the hub at any instant. One at a time for each beacon. */
export interface Lifecycle {
  /**
   * Returns when the job is stored.
   * @throws {Problem} `not_found`, `conflict` while another change of this beacon is under way or its order is not over; what the change
   *   itself finds in its way
   */
  request(order: LifecycleOrder): Promise<LifecycleJobView>;
  /** Says now what `request` would say, and does nothing. @throws {Problem} as `request` */
  assertPossible(beacon: string, change: LifecycleChange): Promise<void>;
  /** Newest first. */
  jobs(beacon?: string): Promise<LifecycleJobView[]>;
  job(id: string): Promise<LifecycleJobView | undefined>;
  /** Takes a failed job up again. @throws {Problem} `not_found`, `conflict` when it has not failed */
  retry(id: string, actor: string): Promise<LifecycleJobView>;
  /** Calls a job off, and has taken back what it did. @throws {Problem} `not_found`, `conflict` when it is too late for that */
  cancel(id: string, actor: string): Promise<LifecycleJobView>;
  /** Something happened to this beacon that its job may wait for: its agent came online, a command ended. */
  wake(beacon: string): Promise<void>;
  /** Takes up every unfinished job. */
  start(): void;
  /** Returns when nothing is under way any more; unfinished jobs wait for the next start. */
  stop(): Promise<void>;
}

export function createLifecycle(parts: LifecycleParts): Lifecycle {
  const { jobs: store, live, now, onError } = parts;
  const inLane = createLanes();

  const view = async (job: LifecycleJob) =>
    lifecycleJobView(job, changeOf(job.change.change).steps, await store.events(job.id));
  const present = async (id: string): Promise<LifecycleJob> => {
    const job = await store.get(id);
    if (job !== undefined) return job;
    throw new Problem("not_found", `there is no job ${id}`);
  };
  const publish = async (id: string): Promise<LifecycleJobView> => {
    const changed = await view(await present(id));
    live.publish("lifecycle", changed);
    return changed;
  };

  const runner = createRunner<LifecycleJob>({
    jobs: store,
    now,
    concurrency: CONCURRENCY,
    onError,
    // A job that was overtaken may still be looked at: what it does comes before what the other one does.
    run: ({ id, beacon }) =>
      inLane(beacon, async () => {
        const job = await store.get(id);
        if (job?.finishedAt !== undefined || job === undefined) return;
        if (await advance(store, parts, job)) await publish(id);
      }),
  });

  /** Changes a job on somebody's behalf, over what its step may do to it at the same time. */
  const intervene = async (id: string, plan: (job: LifecycleJob) => ReturnType<typeof calledOff>) => {
    for (;;) {
      const seen = await present(id);
      const change = plan(seen);
      if (change === undefined || (await store.change(seen, change.changes, change.told))) break;
    }
    // A look that began before does not know of it, and would put the next one off.
    await runner.wake(id);
    return publish(id);
  };

  /** The beacon, if nothing but another change is in the way. */
  const changeable = async (id: string, change: LifecycleChange): Promise<Beacon> => {
    const beacon = await parts.beacons.get(id);
    if (beacon === undefined) throw new Problem("not_found", `there is no beacon ${id}`);
    if (beacon.leaving !== undefined) {
      throw new Problem("conflict", `${beacon.name} is leaving this hub, and is not changed any more`);
    }
    await changeOf(change.change).check?.(parts, beacon, change);
    return beacon;
  };

  const request: Lifecycle["request"] = async ({ id, beacon, change, actor }) => {
    const known = await store.get(id);
    if (known !== undefined) return view(assertSame(known, beacon, change));
    const { name } = await changeable(beacon, change);
    const { steps, overtakes } = changeOf(change.change);
    const { change: kind, ...details } = change;
    const inTheWay = await store.insert({
      ...{ id, beacon, beaconName: name, change, actor, step: steps[0].name, createdAt: now(), overtakes },
      audit: { actor, action: `beacon.${kind}`, subject: beacon, details: { job: id, name, ...details } },
    });
    if (inTheWay !== undefined) throw busy(name, inTheWay);
    runner.nudge();
    return publish(id);
  };

  /** Reopens a job, or calls one off, unless another one is open meanwhile. */
  const assertFree = async ({ id, beacon, beaconName }: LifecycleJob) => {
    const inTheWay = await store.inTheWay(beacon);
    if (inTheWay !== undefined && inTheWay.job !== id) throw busy(beaconName, inTheWay);
  };

  return {
    start: runner.start,
    stop: runner.stop,
    request,
    jobs: async (beacon) => Promise.all((await store.list(LIST_LIMIT, beacon)).map(view)),
    job: async (id) => {
      const job = await store.get(id);
      return job === undefined ? undefined : view(job);
    },
    retry: async (id, actor) => {
      await assertFree(await present(id));
      return intervene(id, (job) => retried(job, actor, now()));
    },
    cancel: async (id, actor) => {
      await assertFree(await present(id));
      return intervene(id, (job) => calledOff(job, actor, now()));
    },
    assertPossible: async (id, change) => {
      const { name } = await changeable(id, change);
      const inTheWay = await store.inTheWay(id);
      if (inTheWay !== undefined) throw busy(name, inTheWay);
    },
    wake: async (beacon) => {
      const open = await store.openOf(beacon);
      if (open !== undefined) await runner.wake(open);
    },
  };
}

/** @throws {Problem} `conflict` when the id already names something else */
function assertSame(known: LifecycleJob, beacon: string, change: LifecycleChange): LifecycleJob {
  if (known.beacon === beacon && canonicalJson(known.change) === canonicalJson(change)) return known;
  throw new Problem("conflict", `${known.id} is already the id of another job`, {
    hint: "Ask for each change under an id of its own.",
  });
}

const busy = (name: string, { kind, job }: InTheWay) =>
  kind === "lifecycle"
    ? new Problem("conflict", `another change of ${name} is under way`, {
        hint: "Wait for it, or cancel it.",
        details: { job },
      })
    : new Problem("conflict", `the order of ${name} is not over`, {
        hint: "Wait for its job, or where it failed retry or cancel it.",
        details: { job },
      });
