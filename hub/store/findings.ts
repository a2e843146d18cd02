import type { Selectable } from "kysely";
import { Finding, type FixedFinding } from "#shared/api/reconcile.ts";
import { ProblemBody } from "#shared/problem.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { createMailStore, type NewMail } from "./mails.ts";
import type { Tables } from "./schema.ts";

/** A finding as it is kept, without what is kept beside it. */
const Kept = Finding.omit({ since: true, problem: true });
export type KeptFinding = Omit<Finding, "since" | "problem">;

export interface FoundNow {
  readonly finding: KeptFinding;
  /** Who has to be asked to know whether it is over. */
  readonly source: string;
}

/** What somebody put right, and the line of the audit log that tells it. */
export interface Done {
  readonly outcome: string;
  readonly audit: AuditLine;
}

export interface FindingStore {
  /**
   * Takes down what a comparison found. What was found before at who answered, and is not found now, is over; what the hub was putting
   * right of it has been put right, whoever was killed since.
   * @returns that
   */
  take(
    comparison: { readonly found: readonly FoundNow[]; readonly answered: ReadonlySet<string> },
    at: number,
    goneBy: (finding: KeptFinding, actor: string) => Done,
  ): Promise<FixedFinding[]>;
  /** What stands: what costs most comes first, and the oldest of what costs the same. */
  list(): Promise<Finding[]>;
  /** Somebody is about to put it right. */
  begin(id: string, actor: string, at: number): Promise<void>;
  finish(id: string, done: Done, at: number): Promise<FixedFinding | undefined>;
  fail(id: string, problem: ProblemBody): Promise<void>;
  /** What operators were not told yet: what stands, and what was put right. */
  untold(): Promise<{ readonly open: Finding[]; readonly fixed: FixedFinding[] }>;
  /** Stores the mails that tell of these, and that they were told of, both or neither. */
  tell(ids: readonly string[], mails: readonly NewMail[], at: number): Promise<void>;
}

export function createFindingStore(db: Database): FindingStore {
  const open = (on: Database) => on.selectFrom("finding").selectAll().where("fixed_at", "is", null);

  const put = async (on: Database, { finding, source }: FoundNow, at: number) => {
    const seen = { source, finding_json: JSON.stringify(Kept.parse(finding)) };
    await on
      .insertInto("finding")
      .values({ id: finding.id, since: at, ...seen })
      // What was put right and is there again has not been told yet.
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ ...seen, fixed_at: null, outcome: null }))
      .execute();
  };
  const markFixed = async (on: Database, row: Row, { outcome, audit }: Done, at: number): Promise<FixedFinding> => {
    await on
      .updateTable("finding")
      // It is told as what it has become.
      .set({ fixed_at: at, outcome, problem_json: null, told_at: null })
      .where("id", "=", row.id)
      .execute();
    await writeAudit(on, at, audit);
    const { id, kind, subject, title } = keptOf(row);
    return { id, kind, subject, title, at, outcome };
  };

  return {
    take: ({ found, answered }, at, goneBy) =>
      db.transaction().execute(async (trx) => {
        const before = await open(trx).execute();
        for (const one of found) await put(trx, one, at);
        const ids = new Set(found.map(({ finding }) => finding.id));
        const over = before.filter(({ id, source }) => !ids.has(id) && answered.has(source));
        const fixed: FixedFinding[] = [];
        for (const row of over) {
          if (row.fixing_actor === null) await trx.deleteFrom("finding").where("id", "=", row.id).execute();
          else fixed.push(await markFixed(trx, row, goneBy(keptOf(row), row.fixing_actor), at));
        }
        return fixed;
      }),
    list: async () => {
      const findings = (await open(db).orderBy("since").execute()).map(findingOf);
      return findings.sort((a, b) => (b.monthlyCents ?? 0) - (a.monthlyCents ?? 0));
    },
    begin: async (id, actor, at) => {
      await db
        .updateTable("finding")
        .set({ fixing_since: at, fixing_actor: actor })
        .where("id", "=", id)
        .where("fixing_since", "is", null)
        .execute();
    },
    finish: (id, done, at) =>
      db.transaction().execute(async (trx) => {
        const row = await open(trx).where("id", "=", id).executeTakeFirst();
        return row === undefined ? undefined : markFixed(trx, row, done, at);
      }),
    fail: async (id, problem) => {
      await db
        .updateTable("finding")
        .set({ problem_json: JSON.stringify(problem) })
        .where("id", "=", id)
        .execute();
    },
    untold: async () => {
      const rows = await db.selectFrom("finding").selectAll().where("told_at", "is", null).orderBy("since").execute();
      return {
        open: rows.filter(({ fixed_at }) => fixed_at === null).map(findingOf),
        fixed: rows.flatMap((row) => {
          const { id, kind, subject, title } = keptOf(row);
          return row.fixed_at === null
            ? []
            : [{ id, kind, subject, title, at: row.fixed_at, outcome: row.outcome ?? "" }];
        }),
      };
    },
    tell: (ids, mails, at) =>
      db.transaction().execute(async (trx) => {
        for (const mail of mails) await createMailStore(trx).put(mail);
        await trx.deleteFrom("finding").where("id", "in", ids).where("fixed_at", "is not", null).execute();
        await trx.updateTable("finding").set({ told_at: at }).where("id", "in", ids).execute();
      }),
  };
}

type Row = Selectable<Tables["finding"]>;

const keptOf = ({ finding_json }: Row): KeptFinding => Kept.parse(JSON.parse(finding_json));

const findingOf = (row: Row): Finding => ({
  ...keptOf(row),
  since: row.since,
  ...(row.problem_json === null ? {} : { problem: ProblemBody.parse(JSON.parse(row.problem_json)) }),
});
