import { z } from "zod";
import type { CommandView, LedgerLine } from "#shared/api/beacon.ts";
import { CommandResult } from "#shared/protocol/frames.ts";
import type { JournalEntry } from "./journal.ts";

/** Lines of the ledger that go with a result. */
const MOST_LINES = 100;

/** The one ending of a command that has ended. Of one that came too late the problem says so. */
export function resultOf(
  { id, state, problem, acceptedAt, startedAt, finishedAt, steps }: JournalEntry,
  history: readonly LedgerLine[],
): CommandResult {
  return CommandResult.parse({
    command: id,
    outcome: state === "expired" ? "failed" : state,
    ...(problem === undefined ? {} : { problem }),
    startedAt: startedAt ?? acceptedAt,
    finishedAt,
    steps,
    ledger: history.slice(-MOST_LINES),
  });
}

export function viewOf(entry: JournalEntry): CommandView {
  const { id, name, input, actor, state, acceptedAt, startedAt, finishedAt, progress, problem } = entry;
  return {
    id,
    name,
    input: recordOf(input),
    actor,
    state,
    createdAt: acceptedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(progress === undefined ? {} : { progress }),
    ...(problem === undefined ? {} : { problem }),
  };
}

const recordOf = (input: unknown) => z.record(z.string(), z.unknown()).catch({}).parse(input);
