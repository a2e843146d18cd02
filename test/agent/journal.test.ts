import { beforeEach, describe, expect, test } from "vitest";
import { type CommandOrder, createJournal, type Journal } from "#agent/journal.ts";
import { viewOf } from "#agent/journal-views.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { CommandView } from "#shared/api/beacon.ts";
import { JournalPage } from "#shared/ledger/journal-page.ts";
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
    journal.askCancel("cmd_00000000-1", "ada@example.org");
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
    const ledger = journal.history("cmd_00000000-1");
    expect(results).toEqual([
      { command: "cmd_00000000-1", outcome: "done", startedAt: 1_000_000, finishedAt: 1_000_500, steps: 2, ledger },
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

describe("the ledger", () => {
  const ID = "cmd_00000000-1";
  const states = () => journal.history(ID).map(({ state }) => state);

  test("has a line for each change, with its time, its actor and its reason", () => {
    journal.accept(order(1));
    nowMs += 10;
    journal.start(ID);
    nowMs += 10;
    journal.askCancel(ID, "bob@example.org");
    journal.askCancel(ID, "eve@example.org");
    nowMs += 10;
    journal.finish(ID, "cancelled", new Problem("cancelled", "it was cancelled"));
    expect(journal.history(ID)).toEqual([
      { at: 1_000_000, state: "accepted", actor: order(1).actor },
      { at: 1_000_010, state: "running", actor: "agent" },
      { at: 1_000_020, state: "running", actor: "bob@example.org", why: "asked to be cancelled" },
      { at: 1_000_030, state: "cancelled", actor: "agent", why: "it was cancelled" },
    ]);
  });

  test("has no line for what changed nothing", () => {
    journal.accept(order(1));
    journal.accept(order(1));
    journal.finish(ID, "done");
    for (const again of [() => journal.start(ID), () => journal.askCancel(ID, "x"), () => journal.finish(ID, "failed")])
      again();
    expect(states()).toEqual(["accepted", "done"]);
    journal.finish("cmd_unknown-1", "done");
    expect(journal.history("cmd_unknown-1")).toEqual([]);
  });

  test("says when a command goes on after the agent was started again", () => {
    journal.accept(order(1));
    journal.start(ID);
    createJournal(store, () => nowMs).start(ID);
    expect(journal.history(ID).map(({ why }) => why)).toEqual([undefined, undefined, expect.stringMatching(/goes on/)]);
  });

  test("has what was refused, and it is not done later", () => {
    const late = new Problem("command_expired", "it came late");
    expect(journal.refuse(order(1), late)).toMatchObject({ state: "expired", problem: { code: "command_expired" } });
    expect(journal.accept(order(1))).toMatchObject({ isNew: false, entry: { state: "expired" } });
    expect(states()).toEqual(["expired"]);
    expect(journal.unacknowledged()).toMatchObject([{ outcome: "failed", problem: { code: "command_expired" } }]);
    journal.accept(order(2));
    expect(journal.refuse(order(2), late)).toMatchObject({ state: "accepted" });
  });

  test("is as old as the commands that it is about", () => {
    end(order(1));
    nowMs += 31 * DAY_MS;
    journal.prune();
    expect(states()).toEqual([]);
  });

  test("is read by pages, and by ids", () => {
    for (let sequence = 1; sequence <= 201; sequence++) journal.accept(order(sequence));
    const first = journal.page({});
    expect(first.records).toHaveLength(200);
    const second = journal.page({ after: first.next ?? 0 });
    expect(second.records.map(({ sequence }) => sequence)).toEqual([201]);
    expect(second.next).toBeUndefined();
    const some = journal.page({ commands: [ID, "cmd_unknown-1"] });
    expect(some.records).toEqual([
      {
        id: ID,
        sequence: 1,
        name: order(1).name,
        actor: order(1).actor,
        state: "accepted",
        history: journal.history(ID),
      },
    ]);
    expect(JournalPage.parse(some)).toEqual(some);
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
    expect(CommandView.parse(viewOf(entry))).toMatchObject({ state: "accepted", createdAt: 1_000_000 });
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
