import type { Selectable } from "kysely";
import { JobEvent, JobState } from "#shared/api/hub.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
import { isNameInUse } from "./beacon-names.ts";
import type { Database } from "./database.ts";
import { isNotIn } from "./is-not-in.ts";
import { changedColumns, eventColumns, type JobProgress, type ProgressChanges, parseProblem } from "./job-progress.ts";
import { createMailStore, type NewMail } from "./mails.ts";
import { insertPayment, type NewPayment } from "./payments.ts";
import { createPurchaseStore, type Purchase, purchaseOf } from "./purchases.ts";
import type { Tables } from "./schema.ts";

/** A provisioning job with the purchase it fulfils. It is finished when it is completed, failed, or cancelled and taken back. */
export interface Job extends JobProgress {
  readonly id: string;
  readonly purchase: Purchase;
  readonly beacon: string | undefined;
  readonly state: JobState;
  /** The state in which it failed or was cancelled. */
  readonly stoppedIn: JobState | undefined;
  /** How often it has failed so far, and so how often it was retried while it runs. */
  readonly round: number;
}

/** What may change in a job. `undefined` leaves it as it is, `null` takes it away. */
export interface JobChanges extends ProgressChanges {
  readonly state?: JobState;
  readonly beacon?: string | undefined;
  readonly stoppedIn?: JobState | null;
  /** Of its purchase: when an operator let it pass without a payment. */
  readonly approvedAt?: number;
}

export interface NewJob {
  readonly id: string;
  readonly purchase: Purchase;
  /** What it costs; nothing when absent. */
  readonly payment?: NewPayment | undefined;
  readonly event: JobEvent;
  readonly audit: AuditLine;
}

/** A change of a job with all that tells of it, stored together. */
export interface JobStep {
  readonly changes: JobChanges;
  readonly event?: JobEvent | undefined;
  /** Who wanted it, where somebody did. */
  readonly audit?: AuditLine | undefined;
  /** Go out because of it, and only if it is stored. */
  readonly mails?: readonly NewMail[] | undefined;
}

export interface JobStore {
  /**
   * Stores an order: purchase, job and first event, all or nothing.
   * @returns `false`, with nothing stored, when a beacon holds the name, or a job that has one to make or to take back.
   */
  insert(job: NewJob): Promise<boolean>;
  get(id: string): Promise<Job | undefined>;
  /** The job that fulfils a purchase. */
  ofPurchase(purchase: string): Promise<Job | undefined>;
  /** The job that waits for the payment of a beacon of this name. */
  pendingOf(beaconName: string): Promise<Job | undefined>;
  isNameInUse(beaconName: string): Promise<boolean>;
  /** Newest first. */
  list(limit: number): Promise<Job[]>;
  events(id: string): Promise<JobEvent[]>;
  /**
   * Changes a job that is still as `seen`.
   * @returns the job as it is then; `undefined`, with nothing changed, when somebody else was faster (a cancel, for example).
   */
  change(seen: Job, step: JobStep): Promise<Job | undefined>;
  /** At most so many jobs with something left to do whose moment has come, but for these; the one that waits longest first. */
  due(now: number, limit: number, without: readonly string[]): Promise<Job[]>;
  /** When the first of the jobs that are not due yet will be. */
  nextWakeAt(now: number): Promise<number | undefined>;
  /** Ids of the jobs of this beacon that have something left to do. */
  unfinishedOf(beacon: string): Promise<string[]>;
  /** Ids of the jobs in one of these states that have something left to do. */
  unfinishedIn(states: readonly JobState[]): Promise<string[]>;
  /** Ids of the jobs that were paid for before this moment and are neither completed nor called off. */
  overdue(paidBefore: number): Promise<string[]>;
  /** Makes a job due now. */
  wake(id: string, now: number): Promise<void>;
}

export function createJobStore(db: Database): JobStore {
  const jobs = () =>
    db
      .selectFrom("job")
      .innerJoin("purchase", "purchase.id", "job.purchase")
      .selectAll("job")
      .select(["purchase.email", "purchase.beacon_name", "purchase.modules_json", "purchase.region", "purchase.actor"])
      .select(["purchase.sale_json", "purchase.approved_at", "purchase.created_at as ordered_at"])
      .select(({ selectFrom, fn }) =>
        selectFrom("job_event")
          .select(fn.countAll<number>().as("rounds"))
          .whereRef("job_event.job", "=", "job.id")
          .where("job_event.state", "=", "FAILED" satisfies JobState)
          .as("round"),
      );
  return {
    insert: ({ id, purchase, payment, event, audit }) =>
      db.transaction().execute(async (transaction) => {
        if (await isNameInUse(transaction, purchase.beaconName)) return false;
        await createPurchaseStore(transaction).insert(purchase);
        if (payment !== undefined) await insertPayment(transaction, purchase.id, payment);
        await transaction
          .insertInto("job")
          .values({
            id,
            purchase: purchase.id,
            state: event.state,
            wake_at: event.at,
            entered_at: event.at,
            created_at: event.at,
          })
          .execute();
        await insertEvent(transaction, id, event);
        await writeAudit(transaction, event.at, audit);
        return true;
      }),
    get: async (id) => {
      const row = await jobs().where("job.id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : jobOf(row);
    },
    ofPurchase: async (purchase) => {
      const row = await jobs().where("purchase.id", "=", purchase).executeTakeFirst();
      return row === undefined ? undefined : jobOf(row);
    },
    pendingOf: async (beaconName) => {
      const pending = jobs().where("purchase.beacon_name", "=", beaconName);
      const row = await pending.where("job.state", "=", "PENDING" satisfies JobState).executeTakeFirst();
      return row === undefined ? undefined : jobOf(row);
    },
    isNameInUse: (beaconName) => isNameInUse(db, beaconName),
    list: async (limit) => (await jobs().orderBy("job.created_at", "desc").limit(limit).execute()).map(jobOf),
    events: async (id) => {
      const rows = await db.selectFrom("job_event").selectAll().where("job", "=", id).orderBy("id").execute();
      return rows.map(eventOf);
    },
    change: (seen, { changes, event, audit, mails = [] }) =>
      db.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable("job")
          .set(columnsOf(changes))
          .where("id", "=", seen.id)
          .where("state", "=", seen.state)
          .where("entered_at", "=", seen.enteredAt)
          .where("finished_at", seen.finishedAt === undefined ? "is" : "=", seen.finishedAt ?? null)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return undefined;
        if (changes.approvedAt !== undefined) {
          await createPurchaseStore(transaction).approve(seen.purchase.id, changes.approvedAt);
        }
        if (event !== undefined) await insertEvent(transaction, seen.id, event);
        if (event !== undefined && audit !== undefined) await writeAudit(transaction, event.at, audit);
        for (const mail of mails) await createMailStore(transaction).put(mail);
        const approvedAt = seen.purchase.approvedAt ?? changes.approvedAt;
        const round = seen.round + (event?.state === "FAILED" ? 1 : 0);
        return { ...stateOf(row), purchase: { ...seen.purchase, approvedAt }, round };
      }),
    due: async (now, limit, without) => {
      const due = jobs().where("job.finished_at", "is", null).where("job.wake_at", "<=", now);
      const others = due.where(isNotIn("job.id", without));
      return (await others.orderBy("job.wake_at").limit(limit).execute()).map(jobOf);
    },
    nextWakeAt: async (now) => {
      const later = db.selectFrom("job").select("wake_at").where("finished_at", "is", null).where("wake_at", ">", now);
      return (await later.orderBy("wake_at").limit(1).executeTakeFirst())?.wake_at;
    },
    unfinishedOf: async (beacon) => {
      const unfinished = db
        .selectFrom("job")
        .select("id")
        .where("beacon", "=", beacon)
        .where("finished_at", "is", null);
      return (await unfinished.execute()).map(({ id }) => id);
    },
    unfinishedIn: async (states) => {
      const unfinished = db
        .selectFrom("job")
        .select("id")
        .where("state", "in", states)
        .where("finished_at", "is", null);
      return (await unfinished.execute()).map(({ id }) => id);
    },
    overdue: async (paidBefore) => {
      const late = db
        .selectFrom("job")
        .innerJoin("payment", "payment.purchase", "job.purchase")
        .select("job.id")
        .where("payment.paid_at", "<=", paidBefore)
        .where("payment.take_back_since", "is", null)
        .where("job.state", "not in", ["COMPLETED", "CANCELLED"] satisfies JobState[]);
      return (await late.execute()).map(({ id }) => id);
    },
    wake: async (id, now) => {
      await db.updateTable("job").set({ wake_at: now }).where("id", "=", id).execute();
    },
  };
}

const insertEvent = (db: Database, job: string, event: JobEvent) =>
  db
    .insertInto("job_event")
    .values({ job, state: event.state, ...eventColumns(event) })
    .execute();

const columnsOf = ({ state, beacon, stoppedIn, ...progress }: JobChanges) =>
  changedColumns(progress, { state, beacon, stopped_in: stoppedIn });

interface JobRow extends Selectable<Tables["job"]> {
  readonly email: string;
  readonly beacon_name: string;
  readonly modules_json: string;
  readonly region: string | null;
  readonly actor: string;
  readonly sale_json: string | null;
  readonly approved_at: number | null;
  readonly ordered_at: number;
  readonly round: number | null;
}

const jobOf = (row: JobRow): Job => ({
  ...stateOf(row),
  purchase: purchaseOf({ ...row, id: row.purchase, created_at: row.ordered_at }),
  round: row.round ?? 0,
});

const stateOf = (row: Selectable<Tables["job"]>) => ({
  id: row.id,
  beacon: row.beacon ?? undefined,
  state: JobState.parse(row.state),
  stoppedIn: row.stopped_in === null ? undefined : JobState.parse(row.stopped_in),
  waitingFor: row.waiting_for ?? undefined,
  problem: parseProblem(row.problem_json),
  attempts: row.attempts,
  wakeAt: row.wake_at,
  enteredAt: row.entered_at,
  createdAt: row.created_at,
  finishedAt: row.finished_at ?? undefined,
});

const eventOf = (row: Selectable<Tables["job_event"]>): JobEvent =>
  JobEvent.parse({
    at: row.at,
    state: row.state,
    message: row.message,
    durationMs: row.duration_ms ?? undefined,
    problem: parseProblem(row.problem_json),
  });
