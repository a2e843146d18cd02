import type { Selectable } from "kysely";
import { z } from "zod";
import { LifecycleChange, LifecycleEvent, type LifecycleKind, LifecycleState } from "#shared/api/lifecycle.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { isNotIn } from "./is-not-in.ts";
import { changedColumns, eventColumns, type JobProgress, type ProgressChanges, parseProblem } from "./job-progress.ts";
import { createMailStore, type NewMail } from "./mails.ts";
import type { Tables } from "./schema.ts";

/** What a job has found out or made, and needs again later: what it made must be found by whoever goes on. */
export const LifecycleFacts = z.strictObject({
  /** The provider's ids of the server that goes, and of the one that takes its place. */
  formerVps: z.string().exactOptional(),
  vps: z.string().exactOptional(),
  /** Public key of the agent on the server that goes. */
  formerKey: z.string().exactOptional(),
  /** Apps that are to be installed again, as they were. */
  apps: z
    .array(z.object({ module: z.string(), instance: z.string(), parameters: z.record(z.string(), z.unknown()) }))
    .exactOptional(),
  /** Who it belonged to. */
  formerOwner: z.object({ id: z.string().optional(), email: z.string() }).exactOptional(),
  /** Where a beacon was that is deleted. */
  domain: z.string().exactOptional(),
  /** The provider's name of the size that it is to have. */
  size: z.string().exactOptional(),
});
export type LifecycleFacts = z.output<typeof LifecycleFacts>;

/** A change of a beacon. */
export interface LifecycleJob extends JobProgress {
  readonly id: string;
  readonly beacon: string;
  readonly beaconName: string;
  readonly change: LifecycleChange;
  readonly actor: string;
  readonly state: LifecycleState;
  /** The step that it is in, or in which it ended. */
  readonly step: string;
  /** How often it was retried. */
  readonly round: number;
  readonly facts: LifecycleFacts;
}

/** What may change in a job. `undefined` leaves it as it is, `null` takes it away. */
export interface LifecycleJobChanges extends ProgressChanges {
  readonly state?: LifecycleState;
  readonly step?: string;
  readonly round?: number;
  readonly facts?: LifecycleFacts | undefined;
}

export interface NewLifecycleJob
  extends Pick<LifecycleJob, "id" | "beacon" | "beaconName" | "change" | "actor" | "step" | "createdAt"> {
  readonly audit: AuditLine;
  /** What is under way of these kinds ends as it is. */
  readonly overtakes?: readonly LifecycleKind[] | undefined;
}

/** All that tells of a change of a job, stored with it or not at all. */
export interface Told {
  readonly event?: LifecycleEvent | undefined;
  readonly audit?: AuditLine | undefined;
  readonly mails?: readonly NewMail[] | undefined;
}

/** Why a beacon cannot be changed now: another change, or the order that makes it, which is not over. */
export interface InTheWay {
  readonly kind: "lifecycle" | "provisioning";
  readonly job: string;
}

export interface LifecycleJobStore {
  /** Stores a job with its line of the audit log. The same id again changes nothing. @returns what is in the way, if anything is */
  insert(job: NewLifecycleJob): Promise<InTheWay | undefined>;
  get(id: string): Promise<LifecycleJob | undefined>;
  /** Newest first. */
  list(limit: number, beacon?: string): Promise<LifecycleJob[]>;
  events(id: string): Promise<LifecycleEvent[]>;
  /**
   * Changes a job that is still as `seen`, together with what tells of it.
   * @returns `false`, with nothing changed, when somebody else was faster
   */
  change(seen: LifecycleJob, changes: LifecycleJobChanges, told?: Told): Promise<boolean>;
  /** What is in the way of taking a job of this beacon up again. */
  inTheWay(beacon: string): Promise<InTheWay | undefined>;
  /** At most so many jobs with something left to do whose moment has come, but for these; the one that waits longest first. */
  due(now: number, limit: number, without: readonly string[]): Promise<LifecycleJob[]>;
  nextWakeAt(now: number): Promise<number | undefined>;
  /** The job of this beacon that has something left to do. */
  openOf(beacon: string): Promise<string | undefined>;
  wake(id: string, now: number): Promise<void>;
}

export function createLifecycleJobStore(db: Database): LifecycleJobStore {
  const inTheWay = async (reader: Database, beacon: string): Promise<InTheWay | undefined> => {
    const open = reader.selectFrom("lifecycle_job").select("id").where("beacon", "=", beacon);
    const change = await open.where("finished_at", "is", null).executeTakeFirst();
    if (change !== undefined) return { kind: "lifecycle", job: change.id };
    const order = await reader
      .selectFrom("job")
      .select("id")
      .where("beacon", "=", beacon)
      .where(({ or, eb }) => or([eb("finished_at", "is", null), eb("state", "=", "FAILED")]))
      .executeTakeFirst();
    return order === undefined ? undefined : { kind: "provisioning", job: order.id };
  };
  const rows = () => db.selectFrom("lifecycle_job").selectAll();
  return {
    insert: (job) =>
      db.transaction().execute(async (trx) => {
        const known = trx.selectFrom("lifecycle_job").select("id").where("id", "=", job.id);
        if ((await known.executeTakeFirst()) !== undefined) return undefined;
        await overtake(trx, job);
        const other = await inTheWay(trx, job.beacon);
        if (other !== undefined) return other;
        await trx
          .insertInto("lifecycle_job")
          .values({
            ...{ id: job.id, beacon: job.beacon, beacon_name: job.beaconName, actor: job.actor, state: "running" },
            ...{ change_json: JSON.stringify(job.change), step: job.step },
            ...{ wake_at: job.createdAt, entered_at: job.createdAt, created_at: job.createdAt },
          })
          .execute();
        await writeAudit(trx, job.createdAt, job.audit);
        return undefined;
      }),
    get: async (id) => {
      const row = await rows().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : jobOf(row);
    },
    list: async (limit, beacon) => {
      const newest = rows().orderBy("created_at", "desc").orderBy("id", "desc").limit(limit);
      const wanted = beacon === undefined ? newest : newest.where("beacon", "=", beacon);
      return (await wanted.execute()).map(jobOf);
    },
    events: async (id) => {
      const all = await db.selectFrom("lifecycle_event").selectAll().where("job", "=", id).orderBy("id").execute();
      return all.map(eventOf);
    },
    change: (seen, changes, { event, audit, mails = [] } = {}) =>
      db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable("lifecycle_job")
          .set(columnsOf(changes))
          .where("id", "=", seen.id)
          .where("state", "=", seen.state)
          .where("step", "=", seen.step)
          .where("entered_at", "=", seen.enteredAt)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        if (event !== undefined) await insertEvent(trx, seen.id, event);
        if (event !== undefined && audit !== undefined) await writeAudit(trx, event.at, audit);
        for (const mail of mails) await createMailStore(trx).put(mail);
        return true;
      }),
    inTheWay: (beacon) => inTheWay(db, beacon),
    due: async (now, limit, without) => {
      const due = rows().where("finished_at", "is", null).where("wake_at", "<=", now);
      const others = due.where(isNotIn("id", without));
      return (await others.orderBy("wake_at").limit(limit).execute()).map(jobOf);
    },
    nextWakeAt: async (now) => {
      const open = db.selectFrom("lifecycle_job").select("wake_at").where("finished_at", "is", null);
      return (await open.where("wake_at", ">", now).orderBy("wake_at").limit(1).executeTakeFirst())?.wake_at;
    },
    openOf: async (beacon) => {
      const open = db.selectFrom("lifecycle_job").select("id").where("beacon", "=", beacon);
      return (await open.where("finished_at", "is", null).executeTakeFirst())?.id;
    },
    wake: async (id, now) => {
      await db.updateTable("lifecycle_job").set({ wake_at: now }).where("id", "=", id).execute();
    },
  };
}

async function overtake(trx: Database, { beacon, change, createdAt: at, overtakes = [] }: NewLifecycleJob) {
  const open = trx
    .selectFrom("lifecycle_job")
    .selectAll()
    .where("beacon", "=", beacon)
    .where("finished_at", "is", null);
  const row = await open.executeTakeFirst();
  if (row === undefined || !overtakes.includes(jobOf(row).change.change)) return;
  const ended = { state: "cancelled", waiting_for: null, entered_at: at, finished_at: at };
  await trx.updateTable("lifecycle_job").set(ended).where("id", "=", row.id).execute();
  await insertEvent(trx, row.id, { at, step: row.step, message: `Overtaken: it is to ${change.change} now.` });
}

const insertEvent = (trx: Database, job: string, event: LifecycleEvent) =>
  trx
    .insertInto("lifecycle_event")
    .values({ job, step: event.step, ...eventColumns(event) })
    .execute();

const columnsOf = ({ state, step, round, facts, ...progress }: LifecycleJobChanges) =>
  changedColumns(progress, { state, step, round, facts_json: facts === undefined ? undefined : JSON.stringify(facts) });

const jobOf = (row: Selectable<Tables["lifecycle_job"]>): LifecycleJob => ({
  id: row.id,
  beacon: row.beacon,
  beaconName: row.beacon_name,
  change: LifecycleChange.parse(JSON.parse(row.change_json)),
  actor: row.actor,
  state: LifecycleState.parse(row.state),
  step: row.step,
  round: row.round,
  facts: LifecycleFacts.parse(JSON.parse(row.facts_json)),
  waitingFor: row.waiting_for ?? undefined,
  problem: parseProblem(row.problem_json),
  attempts: row.attempts,
  wakeAt: row.wake_at,
  enteredAt: row.entered_at,
  createdAt: row.created_at,
  finishedAt: row.finished_at ?? undefined,
});

const eventOf = (row: Selectable<Tables["lifecycle_event"]>): LifecycleEvent =>
  LifecycleEvent.parse({
    at: row.at,
    step: row.step,
    message: row.message,
    durationMs: row.duration_ms ?? undefined,
    problem: parseProblem(row.problem_json),
  });
