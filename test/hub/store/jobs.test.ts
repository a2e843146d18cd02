import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { createJobStore, type Job, type JobStore } from "#hub/store/jobs.ts";
import { migrate } from "#hub/store/migrate.ts";

let db: Database;
let jobs: JobStore;
beforeEach(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  jobs = createJobStore(db);
});
afterEach(() => db.destroy());

async function ordered(nth = 1): Promise<Job> {
  const id = `job_0000000${nth}`;
  const purchase = {
    ...{ id: `purchase_0000000${nth}`, email: "ada@example.org", beaconName: `ada-${nth}`, modules: ["umami"] },
    ...{ region: undefined, actor: "op", createdAt: 1 },
  };
  const audit = { actor: "op", action: "job.order", subject: id };
  await jobs.insert({ id, purchase, event: { at: 1, state: "PENDING", message: "ordered" }, audit });
  const job = await jobs.get(id);
  if (job === undefined) throw new Error("the job is not there");
  return job;
}

describe("a change of a job", () => {
  it("gives the job as the store has it then", async () => {
    const job = await ordered();
    const approved = await jobs.change(job, { changes: { approvedAt: 5, wakeAt: 6 } });
    expect(approved).toMatchObject({ wakeAt: 6, purchase: { approvedAt: 5 } });
    expect(approved).toEqual(await jobs.get(job.id));

    const problem = { code: "timed_out", message: "no" } as const;
    const failed = await jobs.change(approved ?? job, {
      changes: { state: "FAILED", stoppedIn: "PENDING", problem, enteredAt: 7, finishedAt: 7 },
      event: { at: 7, state: "FAILED", message: "no", problem },
    });
    expect(failed).toMatchObject({ state: "FAILED", stoppedIn: "PENDING", round: 1, finishedAt: 7 });
    expect(failed).toEqual(await jobs.get(job.id));
  });

  it("that was seen before somebody else's gives nothing, and changes nothing", async () => {
    const job = await ordered();
    const first = await jobs.change(job, { changes: { state: "PAYMENT_RECEIVED", enteredAt: 2 } });
    expect(first).toBeDefined();
    expect(await jobs.change(job, { changes: { state: "CANCELLED", enteredAt: 3 } })).toBeUndefined();
    expect(await jobs.get(job.id)).toEqual(first);
  });
});

it("nobody has to go through all jobs to find some", async () => {
  const { id, purchase } = await ordered();
  const asked = [
    sql`select * from job where finished_at is null and wake_at <= ${1}`,
    sql`select wake_at from job where finished_at is null and wake_at > ${1} order by wake_at limit 1`,
    sql`select * from job where purchase = ${purchase.id}`,
    sql`select id from job where beacon = ${id} and finished_at is null`,
  ];
  for (const query of asked) {
    const { rows } = await sql<{ detail: string }>`explain query plan ${query}`.execute(db);
    expect(rows.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH job USING .*INDEX job_/)]);
  }
});
