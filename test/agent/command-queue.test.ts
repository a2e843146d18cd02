import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CommandQueue, createCommandQueue } from "#agent/command-queue.ts";
import { createJournal } from "#agent/journal.ts";
import type { Reconciliation } from "#agent/reconcile.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import type { CommandView } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { ended, keptLog } from "./beacon.ts";
import { until } from "./docker/engine.ts";

/** A reconciliation under way, which the test lets end. */
interface Job extends Reconciliation {
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

let store: AgentDatabase;
let jobs: Job[];
let queue: CommandQueue;
let counter = 0;

beforeEach(() => {
  store = openStore(":memory:");
  queue = newQueue();
});
afterEach(async () => {
  const stopped = queue.stop();
  for (const job of jobs) job.finish();
  await stopped;
  store.close();
});

function newQueue(options: { progressMs?: number } = {}): CommandQueue {
  jobs = [];
  return createCommandQueue({
    journal: createJournal(store, Date.now),
    observe: () => Promise.reject(new Error("not looked at here")),
    log: keptLog().log,
    ...options,
    reconcile: (work) =>
      new Promise((resolve, reject) => {
        const breakOff = (signal: AbortSignal) => signal.addEventListener("abort", () => reject(signal.reason));
        if (work.cancel.aborted) reject(work.cancel.reason);
        breakOff(work.cancel);
        breakOff(work.stop);
        jobs.push({ ...work, finish: resolve, fail: reject });
      }),
  });
}

const stop = (instance: string, sequence: number | null = null) => {
  counter += 1;
  return { id: `cmd_00000000-${counter}`, sequence, name: "module.stop", input: { instance }, actor: "ada" };
};

const job = (index: number) => until(() => jobs[index]);
const running = () => jobs.map(({ command }) => command.input);

describe("accept", () => {
  test("a known id gets its present view and runs nothing again", async () => {
    const order = stop("a", 1);
    queue.accept(order);
    (await job(0)).finish();
    expect(await ended({ queue }, order.id)).toMatchObject({ state: "done" });
    expect(queue.accept(order)).toMatchObject({ state: "done" });
    expect(jobs).toHaveLength(1);
    expect(queue.unacknowledged()).toHaveLength(1);
  });

  test("what the beacon itself is asked and cannot read is refused, and not written down", () => {
    expect(() => queue.accept({ ...stop("a"), name: "module.explode" })).toThrow("there is no command");
    expect(() => queue.accept(stop("Not A Name"))).toThrow("expected a DNS label");
    expect(queue.list(10)).toEqual([]);
  });

  test("what the hub sends and this agent cannot read has its one result", () => {
    const view = queue.accept({ ...stop("a", 5), name: "module.explode" });
    expect(view).toMatchObject({ state: "failed", problem: { code: "unknown_command" } });
    expect(queue.unacknowledged()).toMatchObject([{ command: view.id, outcome: "failed", steps: 0 }]);
  });
});

describe("lanes", () => {
  test("one at a time in each, two at a time over all, in the order in which they came", async () => {
    for (const instance of ["a", "a", "b", "c"]) queue.accept(stop(instance));
    await job(1);
    expect(running()).toEqual([{ instance: "a" }, { instance: "b" }]);
    expect(queue.list(4).map(({ state }) => state)).toEqual(["accepted", "running", "accepted", "running"]);
    (await job(0)).finish();
    await job(2);
    expect(running()).toEqual([{ instance: "a" }, { instance: "b" }, { instance: "a" }]);
    (await job(1)).fail(new Problem("disk_full", "no space"));
    await job(3);
    (await job(2)).finish();
    (await job(3)).finish();
    await until(() => queue.open().length === 0 || undefined);
    expect(queue.list(4).map(({ state }) => state)).toEqual(["done", "failed", "done", "done"]);
  });
});

describe("cancel", () => {
  test("one that waits ends at once and never runs", async () => {
    queue.accept(stop("a"));
    const waiting = stop("a", 1);
    queue.accept(waiting);
    expect(queue.cancel(waiting.id, "ada@example.org")).toMatchObject({
      state: "cancelled",
      problem: { code: "cancelled" },
    });
    (await job(0)).finish();
    await until(() => queue.open().length === 0 || undefined);
    expect(jobs).toHaveLength(1);
    expect(queue.unacknowledged()).toMatchObject([{ command: waiting.id, outcome: "cancelled" }]);
  });

  test("one that runs is broken off; one that has ended stays as it ended", async () => {
    const order = stop("a");
    queue.accept(order);
    await job(0);
    queue.cancel(order.id, "ada@example.org");
    expect(await ended({ queue }, order.id)).toMatchObject({ state: "cancelled" });
    const other = stop("a");
    queue.accept(other);
    (await job(1)).finish();
    await ended({ queue }, other.id);
    expect(queue.cancel(other.id, "ada@example.org")).toMatchObject({ state: "done" });
    expect(() => queue.cancel("cmd_unknown-1", "ada@example.org")).toThrow("knows no command");
  });
});

describe("stop and resume", () => {
  test("what was broken off has not ended, and goes on", async () => {
    const [first, second] = [stop("a", 1), stop("a", 2)];
    queue.accept(first);
    queue.accept(second);
    await job(0);
    await queue.stop();
    expect(queue.open()).toEqual([first.id, second.id]);
    expect(queue.unacknowledged()).toEqual([]);

    queue = newQueue();
    queue.resume();
    expect(await job(0)).toMatchObject({ id: first.id, resumed: true });
    (await job(0)).finish();
    expect(await job(1)).toMatchObject({ id: second.id, resumed: false });
    (await job(1)).finish();
    await until(() => queue.open().length === 0 || undefined);
    expect(queue.unacknowledged()).toHaveLength(2);
  });

  test("a cancellation that was asked for is not forgotten", async () => {
    const order = stop("a", 1);
    queue.accept(order);
    await job(0);
    await queue.stop();
    createJournal(store, Date.now).askCancel(order.id, "ada@example.org");
    queue = newQueue();
    queue.resume();
    expect(await ended({ queue }, order.id)).toMatchObject({ state: "cancelled" });
  });

  test("what comes after stop is kept for the next start", async () => {
    await queue.stop();
    const order = stop("a", 1);
    expect(queue.accept(order)).toMatchObject({ state: "accepted" });
    queue = newQueue();
    queue.resume();
    (await job(0)).finish();
    expect(await ended({ queue }, order.id)).toMatchObject({ state: "done" });
  });

  test("a command that this agent no longer knows ends with a reason", () => {
    const order = { ...stop("a", 1), name: "module.forgotten" };
    createJournal(store, Date.now).accept(order);
    queue.resume();
    expect(queue.get(order.id)).toMatchObject({ state: "failed", problem: { code: "unknown_command" } });
  });
});

describe("onChange", () => {
  test("tells each state, progress now and then, and always the last of it", async () => {
    queue = newQueue({ progressMs: 60_000 });
    const views: CommandView[] = [];
    const silence = queue.onChange((view) => views.push(view));
    const order = stop("a");
    queue.accept(order);
    const { onProgress, finish } = await job(0);
    for (let percent = 1; percent <= 100; percent++) {
      onProgress({ command: order.id, at: 0, step: 1, steps: 1, title: "Pull", percent });
    }
    finish();
    await ended({ queue }, order.id);
    expect(views.map(({ state, progress }) => [state, progress?.percent])).toEqual([
      ["accepted", undefined],
      ["running", undefined],
      ["running", 1],
      ["running", 100],
      ["done", 100],
    ]);
    silence();
    queue.accept(stop("b"));
    expect(views).toHaveLength(5);
  });

  test("a listener that fails harms nobody", async () => {
    queue.onChange(() => {
      throw new Error("listener");
    });
    const order = stop("a");
    queue.accept(order);
    (await job(0)).finish();
    expect(await ended({ queue }, order.id)).toMatchObject({ state: "done" });
  });
});

test("a defect ends the command as internal, without its text for the world to see", async () => {
  const order = stop("a");
  queue.accept(order);
  (await job(0)).fail(new TypeError("undefined is not a function"));
  const view = await ended({ queue }, order.id);
  expect(view).toMatchObject({ state: "failed", problem: { code: "internal" } });
  expect(JSON.stringify(view)).not.toContain("undefined is not");
});
