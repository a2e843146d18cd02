import { z } from "zod";
import type { CommandView } from "#shared/api/beacon.ts";
import { Problem, ProblemBody } from "#shared/problem.ts";
import { CommandResult } from "#shared/protocol/frames.ts";
import { Progress } from "#shared/protocol/progress.ts";
import type { AgentDatabase } from "./store/database.ts";

/** A command as it is given to the beacon. */
export interface CommandOrder {
  readonly id: string;
  /** Of the hub's statement; `null` for a command given on the beacon itself. */
  readonly sequence: number | null;
  readonly name: string;
  readonly input: unknown;
  /** Who asked for it. */
  readonly actor: string;
}

export type Outcome = CommandResult["outcome"];

/** One command of the journal. */
export interface JournalEntry extends CommandOrder {
  readonly state: "accepted" | "running" | Outcome;
  readonly acceptedAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly cancelAskedAt: number | undefined;
  readonly steps: number;
  readonly progress: Progress | undefined;
  readonly problem: ProblemBody | undefined;
}

/**
 * Every command ever accepted, on disk before anything happens. It ends once: what tries to end it again changes nothing.
 */
export interface Journal {
  /**
   * Writes a command down; a known id is left as it is.
   * @throws {Problem} `command_replayed` when the id is unknown, but its sequence is one of those already forgotten
   */
  accept(order: CommandOrder): { entry: JournalEntry; isNew: boolean };
  get(id: string): JournalEntry | undefined;
  /** Newest first. */
  list(limit: number): JournalEntry[];
  /** Commands that have not ended, in the order in which they were accepted. */
  open(): JournalEntry[];
  start(id: string): void;
  progress(progress: Progress): void;
  countStep(id: string): void;
  askCancel(id: string): void;
  finish(id: string, outcome: Outcome, problem?: Problem): void;
  /** Results of the hub's commands that it has not confirmed, oldest first. */
  unacknowledged(): CommandResult[];
  acknowledge(ids: readonly string[]): void;
  /** Forgets what ended more than a month ago and was confirmed. */
  prune(): void;
}

const KEPT_MS = 30 * 86_400_000;
const FORGOTTEN_SEQUENCE = "journal.forgotten_sequence";

const Row = z
  .object({
    id: z.string(),
    sequence: z.number().nullable(),
    name: z.string(),
    input_json: z.string(),
    actor: z.string(),
    state: z.enum(["accepted", "running", "done", "failed", "cancelled"]),
    accepted_at: z.number(),
    started_at: z.number().nullable(),
    finished_at: z.number().nullable(),
    cancel_asked_at: z.number().nullable(),
    steps: z.number(),
    progress_json: z.string().nullable(),
    problem_json: z.string().nullable(),
  })
  .transform(
    (row): JournalEntry => ({
      id: row.id,
      sequence: row.sequence,
      name: row.name,
      input: JSON.parse(row.input_json),
      actor: row.actor,
      state: row.state,
      acceptedAt: row.accepted_at,
      startedAt: row.started_at ?? undefined,
      finishedAt: row.finished_at ?? undefined,
      cancelAskedAt: row.cancel_asked_at ?? undefined,
      steps: row.steps,
      progress: row.progress_json === null ? undefined : Progress.parse(JSON.parse(row.progress_json)),
      problem: row.problem_json === null ? undefined : ProblemBody.parse(JSON.parse(row.problem_json)),
    }),
  );

const Setting = z.object({ value: z.coerce.number() }).transform(({ value }) => value);
const Highest = z.object({ sequence: z.number().nullable() }).transform(({ sequence }) => sequence);

const openStates = "('accepted', 'running')";

/** @param now Milliseconds since the epoch. */
export function createJournal(db: AgentDatabase, now: () => number): Journal {
  const sql = {
    byId: db.prepare("select * from command where id = ?"),
    newest: db.prepare("select * from command order by rowid desc limit ?"),
    open: db.prepare(`select * from command where state in ${openStates} order by rowid`),
    insert: db.prepare(
      "insert into command (id, sequence, name, input_json, actor, state, accepted_at) values (?, ?, ?, ?, ?, 'accepted', ?)",
    ),
    start: db.prepare(
      `update command set state = 'running', started_at = coalesce(started_at, ?) where id = ? and state in ${openStates}`,
    ),
    progress: db.prepare(`update command set progress_json = ? where id = ? and state in ${openStates}`),
    countStep: db.prepare("update command set steps = steps + 1 where id = ?"),
    askCancel: db.prepare(
      `update command set cancel_asked_at = coalesce(cancel_asked_at, ?) where id = ? and state in ${openStates}`,
    ),
    finish: db.prepare(
      `update command set state = ?, problem_json = ?, finished_at = ? where id = ? and state in ${openStates}`,
    ),
    unacknowledged: db.prepare(
      `select * from command where sequence is not null and acknowledged_at is null and state not in ${openStates}
       order by finished_at, rowid`,
    ),
    acknowledge: db.prepare(
      `update command set acknowledged_at = ? where id = ? and acknowledged_at is null and state not in ${openStates}`,
    ),
    forgotten: db.prepare("select value from setting where key = ?"),
    forget: db.prepare(
      "insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
    ),
    highestOld: db.prepare("select max(sequence) as sequence from command where acknowledged_at < ?"),
    prune: db.prepare(
      `delete from command where state not in ${openStates}
         and (acknowledged_at < @before or (sequence is null and finished_at < @before))`,
    ),
  };

  const entries = (rows: readonly unknown[]) => rows.map((row) => Row.parse(row));
  const get = (id: string) => entries([sql.byId.get(id)].filter((row) => row !== undefined))[0];
  const forgottenSequence = () => {
    const row = sql.forgotten.get(FORGOTTEN_SEQUENCE);
    return row === undefined ? 0 : Setting.parse(row);
  };

  function insert(order: CommandOrder): JournalEntry {
    if (order.sequence !== null && order.sequence <= forgottenSequence()) {
      throw new Problem("command_replayed", `command ${order.id} is older than what this beacon remembers`);
    }
    const { id, sequence, name, input, actor } = order;
    sql.insert.run(id, sequence, name, JSON.stringify(input ?? null), actor, now());
    return Row.parse(sql.byId.get(id));
  }

  return {
    accept: db.transaction((order: CommandOrder) => {
      const known = get(order.id);
      return known === undefined ? { entry: insert(order), isNew: true } : { entry: known, isNew: false };
    }),
    get,
    list: (limit) => entries(sql.newest.all(limit)),
    open: () => entries(sql.open.all()),
    start: (id) => void sql.start.run(now(), id),
    progress: (progress) => void sql.progress.run(JSON.stringify(progress), progress.command),
    countStep: (id) => void sql.countStep.run(id),
    askCancel: (id) => void sql.askCancel.run(now(), id),
    finish: (id, outcome, problem) =>
      void sql.finish.run(outcome, problem === undefined ? null : JSON.stringify(problem), now(), id),
    unacknowledged: () => entries(sql.unacknowledged.all()).map(resultOf),
    acknowledge: db.transaction((ids: readonly string[]) => {
      for (const id of ids) sql.acknowledge.run(now(), id);
    }),
    prune: db.transaction(() => {
      const before = now() - KEPT_MS;
      const highest = Highest.parse(sql.highestOld.get(before)) ?? 0;
      if (highest > forgottenSequence()) sql.forget.run(FORGOTTEN_SEQUENCE, String(highest));
      sql.prune.run({ before });
    }),
  };
}

/** The one ending of a command that has ended. */
export function resultOf({
  id,
  state,
  problem,
  acceptedAt,
  startedAt,
  finishedAt,
  steps,
}: JournalEntry): CommandResult {
  return CommandResult.parse({
    command: id,
    outcome: state,
    ...(problem === undefined ? {} : { problem }),
    startedAt: startedAt ?? acceptedAt,
    finishedAt,
    steps,
  });
}

/** `queued` here is: in the journal, and waiting for its turn. */
export function viewOf(entry: JournalEntry): CommandView {
  const { id, name, input, actor, state, acceptedAt, startedAt, finishedAt, progress, problem } = entry;
  return {
    id,
    name,
    input: recordOf(input),
    actor,
    state: state === "accepted" ? "queued" : state,
    createdAt: acceptedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(progress === undefined ? {} : { progress }),
    ...(problem === undefined ? {} : { problem }),
  };
}

const recordOf = (input: unknown) => z.record(z.string(), z.unknown()).catch({}).parse(input);
