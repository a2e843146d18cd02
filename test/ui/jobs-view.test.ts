import { describe, expect, test } from "vitest";
import { jobLog } from "#hub/console/job-log.ts";
import { lacksMail } from "#hub/console/job-words.ts";
import { countJobs, formatJobsView, type JobFilter, listJobs, parseJobsView } from "#hub/console/jobs-view.ts";
import { Problem } from "#shared/problem.ts";
import { FixtureJobs } from "./fixture-jobs.ts";

const sale = { bundle: "tiny", tier: "t1", monthlyCents: 1050, currency: "usd" } as const;

const some = () => {
  const jobs = new FixtureJobs();
  const order = (beacon: string, bought?: Parameters<FixtureJobs["order"]>[1]) =>
    jobs.order({ email: `${beacon}@example.org`, beacon, modules: ["umami"] }, bought);
  order("running");
  const failed = order("failed");
  jobs.advance(failed.id, "bcn_00000001");
  jobs.fail(
    failed.id,
    new Problem("provider_quota", "the account may have no more servers", {
      hint: "Ask for a higher limit.",
      details: { log: ["403 limit reached"] },
    }),
  );
  jobs.cancel(order("cancelled").id);
  const done = order("done");
  for (let state = 0; state < 8; state++) jobs.advance(done.id, "bcn_00000001");
  order("paying", { ...sale, awaits: "payment" });
  order("asking", { ...sale, awaits: "approval" });
  jobs.approve(order("approved", { ...sale, awaits: "approval" }).id);
  return jobs;
};

test("a job lacks its mail when it is completed all the same, and in no other state", () => {
  const problem = { code: "mail_refused", message: "550 no such user" } as const;
  expect(lacksMail({ state: "COMPLETED", problem })).toBe(true);
  expect(lacksMail({ state: "COMPLETED" })).toBe(false);
  expect(lacksMail({ state: "SENDING_WELCOME", problem })).toBe(false);
  expect(lacksMail({ state: "FAILED", problem })).toBe(false);
});

describe("the list of jobs", () => {
  const names = (query: string) => listJobs(some().list, parseJobsView(query)).map(({ beaconName }) => beaconName);

  test("has each job where somebody would look for it", () => {
    expect(names("?show=open").sort()).toEqual(["approved", "asking", "paying", "running"]);
    // Only what an operator has to decide: a payment is its customer's.
    expect(names("?show=decide")).toEqual(["asking"]);
    expect(names("?show=failed")).toEqual(["failed"]);
    expect(names("?show=done").sort()).toEqual(["cancelled", "done"]);
    expect(names("")).toHaveLength(7);
    expect(countJobs(some().list)).toEqual({ all: 7, open: 4, decide: 1, failed: 1, done: 2 });
  });

  test("finds names, addresses and ids, in any case and beside a filter", () => {
    expect(names("?search=DONE%40example")).toEqual(["done"]);
    expect(names("?search=purchase_fixture-0001")).toEqual(["running"]);
    expect(names("?search=job_fixture-0002")).toEqual(["failed"]);
    expect(names("?show=open&search=failed")).toEqual([]);
  });

  test.each<[string, JobFilter, string]>([
    ["?show=failed&search=a%26b", "failed", "a&b"],
    ["?show=made-up", "all", ""],
    ["", "all", ""],
  ])("reads %j", (query, filter, search) => {
    expect(parseJobsView(query)).toEqual({ filter, search });
    expect(parseJobsView(`?${formatJobsView({ filter, search })}`)).toEqual({ filter, search });
  });
});

describe("the log of a job", () => {
  const job = (name: string) => {
    const found = some().list.find(({ beaconName }) => beaconName === name);
    if (found === undefined) throw new Error(`there is no job ${name}`);
    return found;
  };

  test("says what it is about, what happened when, and what went wrong with the evidence", () => {
    const log = jobLog(job("failed"));
    expect(log).toContain("owner     failed@example.org\n");
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}PENDING {11}order taken$/m);
    expect(log).toMatch(/^\S+Z {2}PAYMENT_RECEIVED {2}order taken \(after 1\.4 s\)$/m);
    expect(log.match(/provider_quota: the account may have no more servers/g)).toHaveLength(1);
    expect(log).toContain("    Ask for a higher limit.\n");
    expect(log).toContain('    log: ["403 limit reached"]\n');
  });

  test("has what was bought, what it waits for, and a problem that no event tells of", () => {
    expect(jobLog(job("asking"))).toContain("bought    tiny t1, $10.50 a month\n");
    const problem = { code: "provider_unavailable", message: "no answer" } as const;
    const waiting = jobLog({ ...job("running"), waitingFor: "the provider to answer", problem });
    expect(waiting).toContain("state     PENDING, waiting for the provider to answer\n");
    expect(waiting).toContain("now\n    provider_unavailable: no answer\n");
  });
});
