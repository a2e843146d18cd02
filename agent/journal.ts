import { z } from "zod";
import type { LedgerLine } from "#shared/api/beacon.ts";
import { JOURNAL_PAGE_LENGTH, type JournalPage, type JournalRequest } from "#shared/ledger/journal-page.ts";
import { Problem, ProblemBody } from "#shared/problem.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import { Progress } from "#shared/protocol/progress.ts";
import { resultOf } from "./journal-views.ts";
import type { AgentDatabase } from "./store/database.ts";
import { createLedger } from "./store/ledger.ts";

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
  readonly state: "accepted" | "running" | Outcome | "expired";
  readonly acceptedAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly cancelAskedAt: number | undefined;
  readonly steps: number;
  readonly progress: Progress | undefined;
  readonly problem: ProblemBody | undefined;
  /** When the hub had confirmed its result. */
  readonly acknowledgedAt: number | undefined;
}

/**
 * Every command ever accepted, on disk before anything happens. It ends once: what tries to end it again changes nothing. Each
 * change of a state is a line of the ledger, in the same transaction.
 */
export interface Journal {
  /**
   * Writes a command down; a known id is left as it is.
   * @throws {Problem} `command_replayed` when the id is unknown, but its sequence is one of those already forgotten
   */
  accept(order: CommandOrder): { entry: JournalEntry; isNew: boolean };
  /** Writes a command down that will not be done. @throws {Problem} `command_replayed` as above */
  refuse(order: CommandOrder, problem: Problem): JournalEntry;
  get(id: string): JournalEntry | undefined;
  /** Newest first. */
  list(limit: number): JournalEntry[];
  /** Commands that have not ended, in the order in which they were accepted. */
  open(): JournalEntry[];
  start(id: string): void;
  progress(progress: Progress): void;
  countStep(id: string): void;
  askCancel(id: string, actor: string): void;
  finish(id: string, outcome: Outcome, problem?: Problem): void;
  /** Its life, oldest line first. */
  history(id: string): LedgerLine[];
  page(request: JournalRequest): JournalPage;
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
    state: z.enum(["accepted", "running", "done", "failed", "cancelled", "expired"]),
    accepted_at: z.number(),
    started_at: z.number().nullable(),
    finished_at: z.number().nullable(),
    cancel_asked_at: z.number().nullable(),
    steps: z.number(),
    progress_json: z.string().nullable(),
    problem_json: z.string().nullable(),
    acknowledged_at: z.number().nullable(),
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
      acknowledgedAt: row.acknowledged_at ?? undefined,
    }),
  );

const Setting = z.object({ value: z.coerce.number() }).transform(({ value }) => value);
const Place = z.object({ place: z.number() }).transform(({ place }) => place);
const Highest = z.object({ sequence: z.number().nullable() }).transform(({ sequence }) => sequence);

const openStates = "('accepted', 'running')";

/** @param now Milliseconds since the epoch. */
export function createJournal(db: AgentDatabase, now: () => number): Journal {
  const ledger = createLedger(db, now);
  const sql = {
    byId: db.prepare("select * from command where id = ?"),
    page: db.prepare("select rowid as place, * from command where rowid > ? order by rowid limit ?"),
    newest: db.prepare("select * from command order by rowid desc limit ?"),
    open: db.prepare(`select * from command where state in ${openStates} order by rowid`),
    insert: db.prepare(
      `insert into command (id, sequence, name, input_json, actor, state, accepted_at, finished_at, problem_json)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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

  function insert(order: CommandOrder, refusal?: Problem): JournalEntry {
    if (order.sequence !== null && order.sequence <= forgottenSequence()) {
      throw new Problem("command_replayed", `command ${order.id} is older than what this beacon remembers`);
    }
    const { id, sequence, name, input, actor } = order;
    const at = now();
    const state = refusal === undefined ? "accepted" : refusal.code === "command_expired" ? "expired" : "failed";
    const end = refusal === undefined ? [null, null] : [at, JSON.stringify(refusal)];
    sql.insert.run(id, sequence, name, JSON.stringify(input ?? null), actor, state, at, ...end);
    ledger.write(id, refusal === undefined ? { state, actor } : { state, actor: "agent", why: refusal.message });
    return Row.parse(sql.byId.get(id));
  }

  const recordOf = ({ id, sequence, name, actor, state, acknowledgedAt }: JournalEntry) => ({
    id,
    sequence,
    name,
    actor,
    state,
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt }),
    history: ledger.of(id),
  });

  return {
    accept: db.transaction((order: CommandOrder) => {
      const known = get(order.id);
      return known === undefined ? { entry: insert(order), isNew: true } : { entry: known, isNew: false };
    }),
    refuse: db.transaction((order: CommandOrder, problem: Problem) => get(order.id) ?? insert(order, problem)),
    get,
    list: (limit) => entries(sql.newest.all(limit)),
    open: () => entries(sql.open.all()),
    start: db.transaction((id: string) => {
      const goesOn = get(id)?.state === "running";
      if (sql.start.run(now(), id).changes === 0) return;
      const why = goesOn ? { why: "goes on after the agent was started again" } : {};
      ledger.write(id, { state: "running", actor: "agent", ...why });
    }),
    progress: (progress) => void sql.progress.run(JSON.stringify(progress), progress.command),
    countStep: (id) => void sql.countStep.run(id),
    askCancel: db.transaction((id: string, actor: string) => {
      const entry = get(id);
      if (sql.askCancel.run(now(), id).changes === 0 || entry === undefined || entry.cancelAskedAt !== undefined)
        return;
      ledger.write(id, { state: entry.state, actor, why: "asked to be cancelled" });
    }),
    finish: db.transaction((id: string, outcome: Outcome, problem?: Problem) => {
      const problemJson = problem === undefined ? null : JSON.stringify(problem);
      if (sql.finish.run(outcome, problemJson, now(), id).changes === 0) return;
      ledger.write(id, { state: outcome, actor: "agent", ...(problem === undefined ? {} : { why: problem.message }) });
    }),
    history: ledger.of,
    page: ({ commands, after = 0 }) => {
      const about = { now: now(), forgottenSequence: forgottenSequence() };
      if (commands !== undefined) return { ...about, records: commands.flatMap((id) => get(id) ?? []).map(recordOf) };
      const rows = sql.page.all(after, JOURNAL_PAGE_LENGTH);
      const next = rows.length < JOURNAL_PAGE_LENGTH ? undefined : Place.parse(rows.at(-1));
      return { ...about, records: entries(rows).map(recordOf), ...(next === undefined ? {} : { next }) };
    },
    unacknowledged: () => entries(sql.unacknowledged.all()).map((entry) => resultOf(entry, ledger.of(entry.id))),
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
