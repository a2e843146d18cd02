import { setTimeout as sleep } from "node:timers/promises";
import { createNudgedLoop } from "../nudged-loop.ts";
import type { Job } from "../store/jobs.ts";

/** With nothing due, the store is looked at this often all the same. */
const LONGEST_PAUSE_MS = 30_000;
/** Pause after a look that failed for reasons of our own, such as a full disk. */
const AFTER_ERROR_MS = 1_000;

/** Something durable that is looked at again and again until nothing is left to do. */
interface Runnable {
  readonly id: string;
}

export interface RunnerParts<One extends Runnable = Job> {
  readonly jobs: {
    /** At most so many with something left to do whose moment has come, but for these; the one that waits longest first. */
    due(now: number, limit: number, without: readonly string[]): Promise<One[]>;
    /** When the first of those that are not due yet will be. */
    nextWakeAt(now: number): Promise<number | undefined>;
    /** Makes one due now. */
    wake(id: string, now: number): Promise<void>;
  };
  /** Looks at a job, once or as long as it gets on, and stores what came of it. */
  readonly run: (job: One) => Promise<void>;
  readonly now: () => number;
  /** How many jobs are looked at side by side. */
  readonly concurrency: number;
  readonly onError: (error: unknown) => void;
}

export interface Runner<One extends Runnable = Job> {
  start(): void;
  /** Returns when no look is under way. */
  stop(): Promise<void>;
  /** Has the store looked at again. */
  nudge(): void;
  /** Makes a job due, also when a look at it is under way that may not have seen what is new. */
  wake(id: string): Promise<void>;
  /** As `wake`, and looks at it at once, beside as many as are looked at anyway; beyond twice as many it waits like others. */
  hurry(job: One): Promise<void>;
}

/**
 * INVARIANTS:
 * - A job is never looked at twice at a time.
 * - A wake is never lost: one that comes during a look takes effect after it.
 * - All that counts is in the store; a runner that dies leaves nothing behind, and the next one goes on.
 */
export function createRunner<One extends Runnable = Job>(parts: RunnerParts<One>): Runner<One> {
  const { jobs, run, now, concurrency, onError } = parts;
  const looks = new Map<string, Promise<void>>();
  const woken = new Set<string>();
  let isRunning = false;

  const look = async (job: One) => {
    try {
      await run(job);
      if (woken.delete(job.id)) await jobs.wake(job.id, now());
    } catch (error) {
      onError(error);
      await sleep(AFTER_ERROR_MS);
    } finally {
      looks.delete(job.id);
      loop.nudge();
    }
  };

  /** @returns how long until the next job is due, in milliseconds. */
  const startDue = async (): Promise<number> => {
    // One moment for both questions: a job that came due between two would be in neither answer.
    const at = now();
    const free = concurrency - looks.size;
    if (free > 0) {
      const due = await jobs.due(at, free, [...looks.keys()]);
      // One in a hurry was not under way when the store was asked.
      for (const job of due) if (!looks.has(job.id)) looks.set(job.id, look(job));
    }
    const next = await jobs.nextWakeAt(at);
    return next === undefined ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(1, next - now()));
  };

  const loop = createNudgedLoop({ turn: startDue, onError, errorPauseMs: AFTER_ERROR_MS });

  const wake = async (id: string) => {
    if (looks.has(id)) woken.add(id);
    else await jobs.wake(id, now());
    loop.nudge();
  };

  return {
    start: () => {
      isRunning = true;
      loop.start();
    },
    stop: async () => {
      isRunning = false;
      await loop.stop();
      await Promise.all(looks.values());
    },
    nudge: loop.nudge,
    wake,
    hurry: async (job) => {
      if (!isRunning || looks.has(job.id) || looks.size >= 2 * concurrency) return wake(job.id);
      // Stored before anything that the look stores: the next hub goes on with it at once, should this one die.
      const due = jobs.wake(job.id, now());
      looks.set(job.id, look(job));
      await due;
    },
  };
}
