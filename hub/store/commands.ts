import { CommandState, type CommandView, type LedgerLine } from "#shared/api/beacon.ts";
import type { HubRecord } from "#shared/ledger/compare.ts";
import type { ProblemBody } from "#shared/problem.ts";
import type { Progress } from "#shared/protocol/progress.ts";
import type { SignedStatement } from "#shared/protocol/statement.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
import { commandOf, type StoredCommand } from "./command-row.ts";
import type { Database } from "./database.ts";
import { insertCommand, type NewCommand } from "./insert-command.ts";
import { lifesOf, linesOf, type NewLine, writeLine } from "./ledger.ts";
import type { Tables } from "./schema.ts";

/** How a command ends. `expired` is an ending the hub gives itself, or an agent that was reached too late. */
export interface CommandEnd {
  readonly state: "done" | "failed" | "cancelled" | "expired" | "lost";
  readonly problem?: ProblemBody | undefined;
  readonly startedAt?: number | undefined;
  /** By the clock of whoever ended it. */
  readonly finishedAt: number;
  /** Who or what ended it. */
  readonly actor: string;
  /** By the hub's clock, where `finishedAt` is by the beacon's. */
  readonly heardAt?: number | undefined;
  /** Lines of the beacon's ledger that come with it. */
  readonly told?: readonly LedgerLine[] | undefined;
}

/**
 * Commands of all beacons. Every change names the states it may come from, so that one that comes twice changes nothing, and is a
 * line of the ledger in the same transaction, as is the line of the audit log where somebody wanted it.
 */
export interface CommandStore {
  /**
   * Has the command signed under the next sequence number of its beacon and stores it as queued, with that number, in one transaction.
   * @returns the command, or the one that already had this id; `undefined` when there is no such beacon.
   */
  insert(
    command: NewCommand,
    sign: (sequence: number) => Promise<SignedStatement>,
    audit?: AuditLine,
  ): Promise<StoredCommand | undefined>;
  /** All of a beacon, with their lives. */
  ledger(beacon: string): Promise<HubRecord[]>;
  /** The life of one, oldest line first. */
  history(id: string): Promise<LedgerLine[]>;
  get(id: string): Promise<StoredCommand | undefined>;
  /** Newest first. */
  list(beacon: string, limit: number): Promise<CommandView[]>;
  /** What the beacon has not ended yet, in the order in which it was given; with `queued` only what was never sent. */
  pending(beacon: string, which: "all" | "queued"): Promise<StoredCommand[]>;
  /** Each returns the command when it changed. */
  markSent(id: string, at: number): Promise<StoredCommand | undefined>;
  /** @param saidAt When the beacon did, by its clock. */
  markAccepted(id: string, at: number, saidAt?: number): Promise<StoredCommand | undefined>;
  /** @param startedAt By the beacon's clock. */
  putProgress(progress: Progress, at: number, startedAt?: number): Promise<StoredCommand | undefined>;
  askCancel(id: string, at: number, audit: AuditLine): Promise<StoredCommand | undefined>;
  end(id: string, end: CommandEnd, how?: Ending): Promise<StoredCommand | undefined>;
  /** Never sent and too late now. */
  overdue(now: number): Promise<string[]>;
  /** Of a beacon that was removed, or whose agent was shut out. */
  orphaned(): Promise<string[]>;
  /** Beacons with a command that was sent, not accepted, and is too late now. */
  unanswered(now: number): Promise<string[]>;
  countByState(): Promise<Record<string, number>>;
}

export interface Ending {
  /** States that it may end from: those that are no end, when absent. */
  readonly from?: readonly CommandState[];
  readonly audit?: AuditLine;
}

const unended = ["queued", "sent", "accepted", "running"] as const;
/** What an ending that an agent tells may come after: it is the truth, also where it was given up. */
export const beforeResult = [...unended, "lost"] as const;
export function createCommandStore(db: Database): CommandStore {
  interface Change {
    readonly id: string;
    readonly from: readonly CommandState[];
    readonly columns: Partial<Tables["command"]>;
    readonly lines: (trx: Database) => Promise<readonly NewLine[]> | readonly NewLine[];
    readonly audit?: AuditLine | undefined;
  }

  const change = ({ id, from, columns, lines, audit }: Change): Promise<StoredCommand | undefined> =>
    db.transaction().execute(async (trx) => {
      const update = trx.updateTable("command").set(columns).where("id", "=", id).where("state", "in", from);
      const row = await update.returningAll().executeTakeFirst();
      if (row === undefined) return undefined;
      const written = await lines(trx);
      for (const line of written) await writeLine(trx, id, line);
      const at = written.at(-1)?.at;
      if (audit !== undefined && at !== undefined) await writeAudit(trx, at, audit);
      return commandOf(row);
    });

  /** What the beacon's ledger has, without what is here already. */
  const notHere = async (trx: Database, id: string, told: readonly LedgerLine[], at: number) => {
    const here = await linesOf(trx, id);
    const isHere = (line: LedgerLine) => here.some(({ state, saidAt }) => state === line.state && saidAt === line.at);
    return told.filter((line) => !isHere(line)).map((line) => ({ ...line, at, saidAt: line.at }));
  };

  return {
    insert: (command, sign, audit) => insertCommand(db, { command, sign, audit }),

    history: (id) => linesOf(db, id),

    ledger: async (beacon) => {
      const lifes = await lifesOf(db, beacon);
      const mine = db.selectFrom("command").select(["id", "sequence", "name", "state"]).where("beacon", "=", beacon);
      const rows = await mine.orderBy("sequence").execute();
      return rows.map((row) => ({ ...row, state: CommandState.parse(row.state), history: lifes.get(row.id) ?? [] }));
    },

    get: async (id) => {
      const row = await db.selectFrom("command").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : commandOf(row);
    },

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

    markSent: (id, at) =>
      change({
        id,
        from: ["queued"],
        columns: { state: "sent", sent_at: at },
        lines: () => [{ at, state: "sent", actor: "hub" }],
      }),
    markAccepted: (id, at, saidAt) =>
      change({
        id,
        from: ["queued", "sent"],
        columns: { state: "accepted", accepted_at: at },
        lines: () => [{ at, state: "accepted", actor: "agent", saidAt }],
      }),
    putProgress: async (progress, at, startedAt) => {
      const columns = { progress_json: JSON.stringify(progress) };
      const { command: id } = progress;
      const on = await change({ id, from: ["running"], columns, lines: () => [] });
      if (on !== undefined) return on;
      return change({
        id,
        from: unended,
        columns: { state: "running", started_at: startedAt ?? at, ...columns },
        lines: () => [{ at, state: "running", actor: "agent", saidAt: startedAt }],
      });
    },
    askCancel: (id, at, audit) =>
      change({
        id,
        from: ["sent", "accepted", "running"],
        columns: { cancel_asked_at: at },
        lines: async (trx) => {
          const last = (await linesOf(trx, id)).at(-1);
          return [{ at, state: last?.state ?? "sent", actor: audit.actor, why: "asked to be cancelled" }];
        },
        audit,
      }),
    end: (id, { state, problem, startedAt, finishedAt, actor, heardAt, told = [] }, { from = unended, audit } = {}) =>
      change({
        id,
        from,
        columns: {
          state,
          problem_json: problem === undefined ? null : JSON.stringify(problem),
          finished_at: finishedAt,
          ...(startedAt === undefined ? {} : { started_at: startedAt }),
        },
        lines: async (trx) => {
          const at = heardAt ?? finishedAt;
          const saidAt = heardAt === undefined ? undefined : finishedAt;
          const before = await notHere(trx, id, told.slice(0, -1), at);
          return [...before, { at, state, actor: told.at(-1)?.actor ?? actor, why: problem?.message, saidAt }];
        },
        audit,
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
        .where(({ or, eb }) => or([eb("beacon.removed_at", "is not", null), eb("beacon.revoked_at", "is not", null)]))
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
