import { describe, expect, test } from "vitest";
import type { LedgerLine } from "#shared/api/beacon.ts";
import { compareLedgers, type HubRecord } from "#shared/ledger/compare.ts";
import { Difference, differences } from "#shared/ledger/difference.ts";
import type { JournalRecord } from "#shared/ledger/journal-page.ts";

type State = LedgerLine["state"];
const ID = "cmd_00000000-1";
/** By the hub's clock; the beacon's is an hour ahead. */
const AHEAD_MS = 3_600_000;

const hubRecord = (states: readonly State[], more: Partial<HubRecord> = {}): HubRecord => ({
  id: ID,
  sequence: 7,
  name: "module.stop",
  state: states.at(-1) ?? "queued",
  history: states.map((state, index) => ({
    ...{ at: 1_000_000 + index * 1000, state, actor: "x" },
    ...(["queued", "sent", "lost"].includes(state) ? {} : { saidAt: 1_000_000 + index * 1000 + AHEAD_MS - 20 }),
  })),
  ...more,
});
const journalRecord = (lines: readonly LedgerLine[], more: Partial<JournalRecord> = {}): JournalRecord => ({
  ...{ id: ID, sequence: 7, name: "module.stop", actor: "x" },
  state: lines.at(-1)?.state ?? "accepted",
  acknowledgedAt: 1_100_000,
  history: [...lines],
  ...more,
});
const line = (state: State, at = 1_000_000 + AHEAD_MS - 20, why?: string): LedgerLine => ({
  ...{ at, state, actor: "agent" },
  ...(why === undefined ? {} : { why }),
});
const goesOn = line("running", undefined, "goes on after the agent was started again");

const kinds = (hub: readonly HubRecord[], beacon: readonly JournalRecord[], forgottenSequence = 0) =>
  compareLedgers({ hub, beacon, forgottenSequence, aheadMs: AHEAD_MS }).map(({ kind }) => kind);

const whole = ["queued", "sent", "accepted", "running"] as const;
const done = hubRecord([...whole, "done"]);
const doneThere = journalRecord([line("accepted"), line("running"), line("done", 1_004_000 + AHEAD_MS - 20)]);

describe("agree", () => {
  const agreeing: [string, HubRecord[], JournalRecord[], number?][] = [
    ["nothing and nothing", [], []],
    ["the same ending", [done], [doneThere]],
    [
      "one that went on after a restart",
      [done],
      [{ ...doneThere, history: [line("accepted"), line("running"), goesOn, line("done", 1_004_000 + AHEAD_MS - 20)] }],
    ],
    ["one that waits", [hubRecord(["queued"])], []],
    ["one on its way", [hubRecord(["queued", "sent"])], []],
    [
      "one that came, of which the hub has not heard",
      [hubRecord(["queued", "sent"])],
      [journalRecord([line("accepted")])],
    ],
    [
      "a result on its way",
      [hubRecord(whole)],
      [journalRecord([line("accepted"), line("done")], { acknowledgedAt: undefined })],
    ],
    ["one that was refused at the door", [hubRecord(["queued", "sent", "failed"])], []],
    ["one that was withdrawn", [hubRecord(["queued", "cancelled"])], []],
    ["one that is lost", [hubRecord(["queued", "sent", "accepted", "lost"])], []],
    ["one that was lost and came back", [hubRecord(["queued", "sent", "accepted", "lost", "done"])], [doneThere]],
    ["one that the beacon has forgotten in time", [done], [], 7],
    ["one given on the beacon", [], [journalRecord([line("accepted"), line("done")], { sequence: null })]],
  ];
  test.each(agreeing)("%s", (_what, hub, beacon, forgotten) => {
    expect(kinds(hub, beacon, forgotten)).toEqual([]);
  });
});

describe("contradict each other", () => {
  const wrong: [keyof typeof differences, string, HubRecord[], JournalRecord[]][] = [
    ["missing-on-beacon", "done, and not there", [done], []],
    ["missing-on-beacon", "going on, and not there", [hubRecord(whole)], []],
    ["missing-on-hub", "done on a statement that the hub does not know", [], [doneThere]],
    ["never-sent", "withdrawn, and done all the same", [hubRecord(["queued", "cancelled"])], [doneThere]],
    ["ended-differently", "done and failed", [done], [journalRecord([line("accepted"), line("failed")])]],
    ["result-gone", "confirmed, and gone", [hubRecord(whole)], [doneThere]],
    ["result-gone", "confirmed, and given up", [hubRecord([...whole, "lost"])], [doneThere]],
    ["goes-on", "done, and still going on", [done], [journalRecord([line("accepted"), line("running")])]],
    ["other-time", "ended at another time", [done], [journalRecord([line("accepted"), line("done", 9_000_000)])]],
    ["done-twice", "begun twice", [done], [{ ...doneThere, history: [line("running"), ...doneThere.history] }]],
    ["done-twice", "ended twice", [done], [{ ...doneThere, history: [line("done"), ...doneThere.history] }]],
    [
      "done-twice",
      "gone on after its end",
      [done],
      [{ ...doneThere, history: [...doneThere.history, line("running")], state: "done" }],
    ],
  ];
  test.each(wrong)("%s: %s", (kind, _what, hub, beacon) => {
    expect(kinds(hub, beacon)).toContain(kind);
  });

  test("heard before it was said, by clocks as they are now", () => {
    const early = hubRecord([...whole, "done"]);
    expect(compareLedgers({ hub: [early], beacon: [doneThere], forgottenSequence: 0, aheadMs: 0 })).toMatchObject([
      { kind: "other-time", hub: "done", beacon: "done" },
    ]);
  });

  test("each difference says what it means and what to do", () => {
    for (const found of compareLedgers({ hub: [done], beacon: [], forgottenSequence: 0, aheadMs: 0 })) {
      expect(Difference.parse(found)).toEqual(found);
      expect(found).toMatchObject({ command: ID, name: "module.stop", hub: "done", beacon: "nothing" });
    }
    for (const { meaning, advice } of Object.values(differences)) expect([meaning, advice].join(" ")).toMatch(/\.$/);
  });
});
