import type { Selectable } from "kysely";
import { z } from "zod";
import { CommandState, type CommandView } from "#shared/api/beacon.ts";
import { ProblemBody } from "#shared/problem.ts";
import { Progress } from "#shared/protocol/progress.ts";
import { SignedStatement } from "#shared/protocol/statement.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** A command with what its sender needs to know besides what people see. */
export interface StoredCommand {
  readonly beacon: string;
  readonly view: CommandView;
  readonly statement: SignedStatement;
  readonly expiresAt: number;
  readonly cancelAskedAt: number | undefined;
}

export interface NewCommand {
  readonly id: string;
  readonly beacon: string;
  readonly name: string;
  readonly input: unknown;
  readonly actor: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** How a command ends. `expired` is an ending the hub gives itself, or an agent that was reached too late. */
export interface CommandEnd {
  readonly state: "done" | "failed" | "cancelled" | "expired";
  readonly problem?: ProblemBody | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt: number;
}

/** Commands of all beacons. Every change names the states it may come from, so that one that comes twice changes nothing. */
export interface CommandStore {
  /**
   * Gives the command the next sequence number of its beacon, has it signed under that number and stores it as queued,
   * in one transaction.
   * @returns the command, or the one that already had this id; `undefined` when there is no such beacon.
   */
  insert(command: NewCommand, sign: (sequence: number) => SignedStatement): Promise<StoredCommand | undefined>;
  get(id: string): Promise<StoredCommand | undefined>;
  /** Newest first. */
  list(beacon: string, limit: number): Promise<CommandView[]>;
  /** What the beacon has not ended yet, in the order in which it was given; with `queued` only what was never sent. */
  pending(beacon: string, which: "all" | "queued"): Promise<StoredCommand[]>;
  /** Each returns the command when it changed. */
  markSent(id: string, at: number): Promise<StoredCommand | undefined>;
  markRunning(id: string, at: number): Promise<StoredCommand | undefined>;
  putProgress(progress: Progress): Promise<StoredCommand | undefined>;
  askCancel(id: string, at: number): Promise<StoredCommand | undefined>;
  end(id: string, end: CommandEnd, from?: readonly CommandState[]): Promise<StoredCommand | undefined>;
  /** Never sent and too late now. */
  overdue(now: number): Promise<string[]>;
  /** Of a beacon that was removed. */
  orphaned(): Promise<string[]>;
  /** Beacons with a command that was sent, not accepted, and is too late now. */
  unanswered(now: number): Promise<string[]>;
  countByState(): Promise<Record<string, number>>;
}

const unended = ["queued", "sent", "running"] as const;
const Input = z.record(z.string(), z.unknown());

export function createCommandStore(db: Database): CommandStore {
  const change = async (
    id: string,
    from: readonly CommandState[],
    columns: Partial<Tables["command"]>,
  ): Promise<StoredCommand | undefined> => {
    const update = db.updateTable("command").set(columns).where("id", "=", id).where("state", "in", from);
    return fromRow(await update.returningAll().executeTakeFirst());
  };

  return {
    insert: (command, sign) =>
      db.transaction().execute(async (trx) => {
        const known = await trx.selectFrom("command").selectAll().where("id", "=", command.id).executeTakeFirst();
        if (known !== undefined) return commandOf(known);
        const numbered = await trx
          .updateTable("beacon")
          .set((column) => ({ sequence: column("sequence", "+", 1) }))
          .where("id", "=", command.beacon)
          .where("removed_at", "is", null)
          .returning("sequence")
          .executeTakeFirst();
        if (numbered === undefined) return undefined;
        const row = await trx
          .insertInto("command")
          .values({
            id: command.id,
            beacon: command.beacon,
            name: command.name,
            input_json: JSON.stringify(command.input),
            actor: command.actor,
            state: "queued",
            sequence: numbered.sequence,
            statement_json: JSON.stringify(sign(numbered.sequence)),
            created_at: command.createdAt,
            expires_at: command.expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return commandOf(row);
      }),

    get: async (id) => fromRow(await db.selectFrom("command").selectAll().where("id", "=", id).executeTakeFirst()),

    list: async (beacon, limit) => {
      const mine = db.selectFrom("command").selectAll().where("beacon", "=", beacon);
      const rows = await mine.orderBy("sequence", "desc").limit(limit).execute();
      return rows.map((row) => commandOf(row).view);
    },

    pending: async (beacon, which) => {
      const states = which === "all" ? unended : (["queued"] as const);
      const mine = db.selectFrom("command").selectAll().where("beacon", "=", beacon).where("state", "in", states);
      return (await mine.orderBy("sequence").execute()).map(commandOf);
    },

    markSent: (id, at) => change(id, ["queued"], { state: "sent", sent_at: at }),
    markRunning: (id, at) => change(id, ["queued", "sent"], { state: "running", started_at: at }),
    putProgress: (progress) =>
      change(progress.command, unended, { state: "running", progress_json: JSON.stringify(progress) }),
    askCancel: (id, at) => change(id, ["sent", "running"], { cancel_asked_at: at }),
    end: (id, { state, problem, startedAt, finishedAt }, from = unended) =>
      change(id, from, {
        state,
        problem_json: problem === undefined ? null : JSON.stringify(problem),
        finished_at: finishedAt,
        ...(startedAt === undefined ? {} : { started_at: startedAt }),
      }),

    overdue: async (now) => {
      const late = db.selectFrom("command").select("id").where("state", "=", "queued").where("expires_at", "<", now);
      return (await late.execute()).map(({ id }) => id);
    },

    orphaned: async () => {
      const rows = await db
        .selectFrom("command")
        .innerJoin("beacon", "beacon.id", "command.beacon")
        .select("command.id")
        .where("command.state", "in", unended)
        .where("beacon.removed_at", "is not", null)
        .execute();
      return rows.map(({ id }) => id);
    },

    unanswered: async (now) => {
      const rows = await db
        .selectFrom("command")
        .select("beacon")
        .distinct()
        .where("state", "=", "sent")
        .where("expires_at", "<", now)
        .execute();
      return rows.map(({ beacon }) => beacon);
    },

    countByState: async () => {
      const rows = await db
        .selectFrom("command")
        .select((column) => ["state", column.fn.countAll<number>().as("count")])
        .groupBy("state")
        .execute();
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
  };
}

type Row = Selectable<Tables["command"]>;

const fromRow = (row: Row | undefined) => (row === undefined ? undefined : commandOf(row));

const commandOf = (row: Row): StoredCommand => ({
  beacon: row.beacon,
  view: {
    id: row.id,
    name: row.name,
    input: Input.parse(JSON.parse(row.input_json)),
    actor: row.actor,
    state: CommandState.parse(row.state),
    createdAt: row.created_at,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.progress_json === null ? {} : { progress: Progress.parse(JSON.parse(row.progress_json)) }),
    ...(row.problem_json === null ? {} : { problem: ProblemBody.parse(JSON.parse(row.problem_json)) }),
  },
  statement: SignedStatement.parse(JSON.parse(row.statement_json)),
  expiresAt: row.expires_at,
  cancelAskedAt: row.cancel_asked_at ?? undefined,
});
