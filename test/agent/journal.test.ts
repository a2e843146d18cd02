import { beforeEach, describe, expect, test } from "vitest";
import { type CommandOrder, createJournal, type Journal, viewOf } from "#agent/journal.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { CommandView } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { CommandResult } from "#shared/protocol/frames.ts";

const DAY_MS = 86_400_000;

let store: AgentDatabase;
let nowMs: number;
let journal: Journal;

beforeEach(() => {
  store = openStore(":memory:");
  nowMs = 1_000_000;
  journal = createJournal(store, () => nowMs);
});

const order = (sequence: number | null, id = `cmd_00000000-${sequence}`): CommandOrder => ({
  id,
  sequence,
  name: "module.stop",
  input: { instance: "hello" },
  actor: "ada",
});

const end = (given: CommandOrder, acknowledged = true) => {
  journal.accept(given);
  journal.start(given.id);
  journal.finish(given.id, "done");
  if (acknowledged) journal.acknowledge([given.id]);
};

describe("accept", () => {
  test("writes a command down once, whatever comes under its id later", () => {
    expect(journal.accept(order(1)).isNew).toBe(true);
    const again = journal.accept({ ...order(1), input: { instance: "other" }, sequence: 99 });
    expect(again).toMatchObject({ isNew: false, entry: { input: { instance: "hello" }, sequence: 1 } });
    expect(journal.list(10)).toHaveLength(1);
  });

  test("is on disk before it returns", () => {
    journal.accept(order(1));
    expect(store.inTransaction).toBe(false);
    expect(createJournal(store, () => nowMs).open()).toHaveLength(1);
  });

  test("an unknown id with a sequence that is forgotten is a replay", () => {
    end(order(7));
    nowMs += 31 * DAY_MS;
    journal.prune();
    expect(journal.get("cmd_00000000-7")).toBeUndefined();
    for (const sequence of [7, 6]) {
      expect(() => journal.accept(order(sequence))).toThrow(expect.objectContaining({ code: "command_replayed" }));
    }
    expect(journal.accept(order(8)).isNew).toBe(true);
    expect(journal.accept(order(null, "cmd_00000000-local")).isNew).toBe(true);
  });

  test("a late one with a lower sequence than a remembered one is not a replay", () => {
    end(order(7));
    journal.prune();
    expect(journal.accept(order(6)).isNew).toBe(true);
  });
});

describe("finish", () => {
  test("ends a command once", () => {
    journal.accept(order(1));
    journal.start("cmd_00000000-1");
    journal.finish("cmd_00000000-1", "failed", new Problem("disk_full", "no space", { hint: "Free some." }));
    nowMs += 5;
    journal.finish("cmd_00000000-1", "done");
    journal.start("cmd_00000000-1");
    journal.askCancel("cmd_00000000-1");
    expect(journal.get("cmd_00000000-1")).toMatchObject({
      state: "failed",
      finishedAt: 1_000_000,
      cancelAskedAt: undefined,
      problem: { code: "disk_full", message: "no space", hint: "Free some." },
    });
    expect(journal.open()).toEqual([]);
  });

  test("gives one result until it is confirmed, in the shape of the protocol", () => {
    journal.accept(order(1));
    expect(journal.unacknowledged()).toEqual([]);
    journal.acknowledge(["cmd_00000000-1"]);
    journal.start("cmd_00000000-1");
    journal.countStep("cmd_00000000-1");
    journal.countStep("cmd_00000000-1");
    nowMs += 500;
    journal.finish("cmd_00000000-1", "done");
    const results = journal.unacknowledged();
    expect(results).toEqual([
      { command: "cmd_00000000-1", outcome: "done", startedAt: 1_000_000, finishedAt: 1_000_500, steps: 2 },
    ]);
    expect(CommandResult.parse(results[0])).toEqual(results[0]);
    journal.acknowledge(["cmd_00000000-1", "met_not-a-command"]);
    expect(journal.unacknowledged()).toEqual([]);
    expect(journal.get("cmd_00000000-1")?.state).toBe("done");
  });

  test("what was given on the beacon itself is no business of the hub", () => {
    end(order(null, "cmd_00000000-local"), false);
    expect(journal.unacknowledged()).toEqual([]);
  });
});

describe("prune", () => {
  test("keeps what has not ended, what was not confirmed, and what is younger than a month", () => {
    end(order(1));
    end(order(2), false);
    journal.accept(order(3));
    end(order(null, "cmd_00000000-local"), false);
    nowMs += 31 * DAY_MS;
    end(order(4));
    journal.prune();
    expect(journal.list(10).map(({ sequence }) => sequence)).toEqual([4, 3, 2]);
  });
});

describe("reading", () => {
  test("lists the newest first, and what is open in the order in which it came", () => {
    for (const sequence of [1, 2, 3]) journal.accept(order(sequence));
    journal.finish("cmd_00000000-2", "cancelled");
    expect(journal.list(2).map(({ sequence }) => sequence)).toEqual([3, 2]);
    expect(journal.open().map(({ sequence }) => sequence)).toEqual([1, 3]);
  });

  test("a view is what the API promises", () => {
    const { entry } = journal.accept(order(1));
    expect(CommandView.parse(viewOf(entry))).toMatchObject({ state: "queued", createdAt: 1_000_000 });
    journal.start(entry.id);
    journal.progress({ command: entry.id, at: nowMs, step: 1, steps: 2, title: "Stop hello/web", percent: 50 });
    const running = journal.get(entry.id);
    expect(running === undefined ? undefined : CommandView.parse(viewOf(running))).toMatchObject({
      state: "running",
      progress: { title: "Stop hello/web", percent: 50 },
    });
  });

  test("an input that is no object is still shown", () => {
    const { entry } = journal.accept({ ...order(1), input: "nonsense" });
    expect(CommandView.parse(viewOf(entry)).input).toEqual({});
  });
});
