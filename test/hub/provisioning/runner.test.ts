import { afterEach, expect, test } from "vitest";
import { createRunner, type Runner, type RunnerParts } from "#hub/provisioning/runner.ts";
import { openDatabase } from "#hub/store/database.ts";
import { createJobStore, type Job } from "#hub/store/jobs.ts";
import { migrate } from "#hub/store/migrate.ts";
import { until } from "./until.ts";

const FAR_MS = 3_600_000;
const runners: Runner[] = [];
afterEach(() => Promise.all(runners.splice(0).map((runner) => runner.stop())));

async function openJobs(count: number) {
  const db = openDatabase(":memory:");
  await migrate(db);
  const jobs = createJobStore(db);
  for (let nth = 0; nth < count; nth++) {
    const purchase = {
      ...{ id: `purchase_0000000${nth}`, email: "ada@example.org", beaconName: `ada-${nth}`, modules: [] },
      ...{ region: undefined, actor: "op", createdAt: 1 },
    };
    const id = `job_0000000${nth}`;
    const audit = { actor: "op", action: "job.order", subject: id };
    await jobs.insert({ id, purchase, event: { at: 1, state: "PENDING", message: "ordered" }, audit });
  }
  const wait = (job: Job, ms: number) => jobs.change(job, { changes: { wakeAt: Date.now() + ms } });
  return { jobs, wait };
}

function start(parts: Pick<RunnerParts, "jobs" | "run"> & Partial<RunnerParts>) {
  const errors: unknown[] = [];
  const runner = createRunner({ now: Date.now, concurrency: 4, onError: (error) => errors.push(error), ...parts });
  runners.push(runner);
  runner.start();
  return { runner, errors };
}

test("a wake that comes during a look takes effect after it", async () => {
  const { jobs, wait } = await openJobs(1);
  const gate = Promise.withResolvers<void>();
  let looks = 0;
  const { runner } = start({
    jobs,
    run: async (job) => {
      looks++;
      if (looks === 1) await gate.promise;
      await wait(job, FAR_MS);
    },
  });
  await until(
    () => looks,
    (count) => count === 1,
  );
  await runner.wake("job_00000000");
  gate.resolve();
  await until(
    () => looks,
    (count) => count === 2,
  );
});

test("a wake between two looks is seen at once", async () => {
  const { jobs, wait } = await openJobs(1);
  let looks = 0;
  const { runner } = start({
    jobs,
    run: async (job) => {
      await wait(job, FAR_MS);
      looks++;
    },
  });
  await until(
    () => looks,
    (count) => count === 1,
  );
  await runner.stop();
  runner.start();
  await runner.wake("job_00000000");
  await until(
    () => looks,
    (count) => count === 2,
  );
});

test("no job is looked at twice at a time, and no more jobs than allowed", async () => {
  const { jobs, wait } = await openJobs(6);
  const inside: string[] = [];
  let most = 0;
  let twice = false;
  const done = new Set<string>();
  const { runner } = start({
    jobs,
    concurrency: 3,
    run: async (job) => {
      twice ||= inside.includes(job.id);
      inside.push(job.id);
      most = Math.max(most, inside.length);
      for (let nudge = 0; nudge < 5; nudge++) {
        runner.nudge();
        await runner.wake(job.id);
        await new Promise(setImmediate);
      }
      inside.splice(inside.indexOf(job.id), 1);
      done.add(job.id);
      await wait(job, FAR_MS);
    },
  });
  await until(
    () => done.size,
    (size) => size === 6,
  );
  expect(twice).toBe(false);
  expect(most).toBe(3);
});

test("a job that comes due while the store is being asked is not forgotten", async () => {
  const { jobs } = await openJobs(1);
  let looks = 0;
  let time = Date.now();
  start({
    now: () => time,
    jobs: {
      ...jobs,
      due: async (...asked) => {
        const due = await jobs.due(...asked);
        time += 10;
        return due;
      },
    },
    run: async (job) => {
      looks++;
      await jobs.change(job, { changes: { wakeAt: looks < 5 ? time + 5 : time + FAR_MS } });
    },
  });
  await until(
    () => looks,
    (count) => count === 5,
  );
});

test("a look that breaks is told, and the job is looked at again", async () => {
  const { jobs, wait } = await openJobs(1);
  let looks = 0;
  const { errors } = start({
    jobs,
    run: async (job) => {
      if (++looks === 1) throw new Error("the disk is full");
      await wait(job, FAR_MS);
    },
  });
  await until(
    () => looks,
    (count) => count === 2,
  );
  expect(errors).toMatchObject([{ message: "the disk is full" }]);
});

test("stopping waits for what is under way, and nothing starts after it", async () => {
  const { jobs } = await openJobs(2);
  const gate = Promise.withResolvers<void>();
  let [begun, ended] = [0, 0];
  const { runner } = start({
    jobs,
    concurrency: 1,
    run: async () => {
      begun++;
      await gate.promise;
      ended++;
    },
  });
  await until(
    () => begun,
    (count) => count === 1,
  );
  const stopped = runner.stop();
  gate.resolve();
  await stopped;
  expect([begun, ended]).toEqual([1, 1]);
});

test("one in a hurry is looked at at once, beside as many as may be", async () => {
  const { jobs, wait } = await openJobs(3);
  const gate = Promise.withResolvers<void>();
  const looked: string[] = [];
  const { runner } = start({
    jobs,
    concurrency: 1,
    run: async (job) => {
      looked.push(job.id);
      await gate.promise;
      await wait(job, FAR_MS);
    },
  });
  await until(
    () => looked.length,
    (count) => count === 1,
  );
  const others = (await jobs.list(3)).filter(({ id }) => id !== looked[0]);
  for (const job of others) await runner.hurry(job);
  // Twice as many as usual, and no more: the third one waits for its turn.
  expect(looked).toEqual([looked[0], others[0]?.id]);
  gate.resolve();
  await until(
    () => looked.length,
    (count) => count === 3,
  );
  expect(new Set(looked).size).toBe(3);
});

test("one in a hurry that is being looked at is looked at again", async () => {
  const { jobs, wait } = await openJobs(1);
  const gate = Promise.withResolvers<void>();
  let [inside, most, looks] = [0, 0, 0];
  const { runner } = start({
    jobs,
    run: async (job) => {
      looks++;
      inside++;
      most = Math.max(most, inside);
      if (looks === 1) await gate.promise;
      await wait(job, FAR_MS);
      inside--;
    },
  });
  await until(
    () => looks,
    (count) => count === 1,
  );
  const [job] = await jobs.list(1);
  if (job !== undefined) await runner.hurry(job);
  gate.resolve();
  await until(
    () => looks,
    (count) => count === 2,
  );
  expect(most).toBe(1);
});

test("one that is in a hurry while the store is asked what is due is not looked at twice", async () => {
  const { jobs, wait } = await openJobs(1);
  const [job] = await jobs.list(1);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let [inside, most, looks] = [0, 0, 0];
  const { runner } = start({
    jobs: {
      ...jobs,
      due: async (...about) => {
        const due = await jobs.due(...about);
        asked.resolve();
        await answer.promise;
        return due;
      },
    },
    run: async (one) => {
      looks++;
      inside++;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await wait(one, FAR_MS);
      inside--;
    },
  });
  await asked.promise;
  if (job !== undefined) await runner.hurry(job);
  answer.resolve();
  await until(
    () => looks + inside,
    (sum) => sum === 1,
  );
  expect(most).toBe(1);
});

test("a runner that is stopped looks at nobody, however great the hurry, and the next one does", async () => {
  const { jobs, wait } = await openJobs(1);
  let looks = 0;
  const { runner } = start({
    jobs,
    run: async (job) => {
      looks++;
      await wait(job, FAR_MS);
    },
  });
  await until(
    () => looks,
    (count) => count === 1,
  );
  await runner.stop();
  const [job] = await jobs.list(1);
  if (job !== undefined) await runner.hurry(job);
  expect(looks).toBe(1);
  runner.start();
  await until(
    () => looks,
    (count) => count === 2,
  );
});
