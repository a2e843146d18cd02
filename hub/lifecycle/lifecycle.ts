import type { LifecycleChange, LifecycleJobView } from "#shared/api/lifecycle.ts";
import { canonicalJson } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import type { Live } from "../live.ts";
import { createRunner } from "../provisioning/runner.ts";
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
    run: async (job) => {
      if (await advance(store, parts, job)) await publish(job.id);
    },
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

  const request: Lifecycle["request"] = async ({ id, beacon: of, change, actor }) => {
    const known = await store.get(id);
    if (known !== undefined) return view(assertSame(known, of, change));
    const beacon = await parts.beacons.get(of);
    if (beacon === undefined) throw new Problem("not_found", `there is no beacon ${of}`);
    if (beacon.leaving !== undefined) {
      throw new Problem("conflict", `${beacon.name} is leaving this hub, and is not changed any more`);
    }
    const { steps, check } = changeOf(change.change);
    await check?.(parts, beacon, change);
    const { name } = beacon;
    const action = `beacon.${change.change}`;
    const { change: _kind, ...details } = change;
    const inTheWay = await store.insert({
      ...{ id, beacon: of, beaconName: name, change, actor, step: steps[0].name, createdAt: now() },
      audit: { actor, action, subject: of, details: { job: id, name, ...details } },
    });
    if (inTheWay !== undefined) throw busy(name, inTheWay);
    runner.nudge();
    return publish(id);
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
      const { beacon, beaconName } = await present(id);
      const inTheWay = await store.inTheWay(beacon);
      if (inTheWay !== undefined && inTheWay.job !== id) throw busy(beaconName, inTheWay);
      return intervene(id, (job) => retried(job, actor, now()));
    },
    cancel: (id, actor) => intervene(id, (job) => calledOff(job, actor, now())),
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
