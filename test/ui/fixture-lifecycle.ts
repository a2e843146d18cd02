import { Hono } from "hono";
import { z } from "zod";
import { LifecycleChange, LifecycleJobView, LifecycleRequest } from "#shared/api/lifecycle.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { answer } from "./fixture-routes.ts";
import { FixtureTopic } from "./fixture-topic.ts";

const titles = ["Closing it to changes", "Stopping the apps"];

/** Changes of beacons as a whole, moved from step to step by the test. */
export class FixtureLifecycle {
  readonly jobs: LifecycleJobView[] = [];
  readonly events = new FixtureTopic<LifecycleJobView>();
  readonly confirmed: string[] = [];

  order(beacon: string, beaconName: string, change: LifecycleChange): LifecycleJobView {
    const at = Date.now();
    return this.#put({
      ...{ id: `life_fixture-000${this.jobs.length + 1}`, beacon, beaconName, change, state: "running" },
      steps: titles.map((title, nth) => ({
        ...{ name: `step-${nth}`, title, state: nth === 0 ? "now" : "to-do" },
        ...(nth === 0 ? { startedAt: at } : {}),
      })),
      ...{ createdAt: at, actor: "ada@example.org", events: [], waitingFor: "the beacon to answer" },
    });
  }

  /** To the next step, or to its end. */
  advance(id: string): LifecycleJobView {
    const { waitingFor: _, problem: _problem, ...job } = this.#find(id);
    const at = Date.now();
    const now = job.steps.findIndex(({ state }) => state === "now" || state === "failed");
    const isLast = now === job.steps.length - 1;
    return this.#put({
      ...job,
      ...(isLast ? { state: "done", finishedAt: at } : { state: "running" }),
      steps: job.steps.map((step, nth) => {
        if (nth === now) return { ...step, state: "done", durationMs: 1_400 };
        return nth === now + 1 ? { ...step, state: "now", startedAt: at } : step;
      }),
      events: [...job.events, { at, step: `step-${now}`, message: `${titles[now]} is done.`, durationMs: 1_400 }],
    });
  }

  fail(id: string, problem: Problem): LifecycleJobView {
    const { waitingFor: _, ...job } = this.#find(id);
    return this.#put({
      ...job,
      state: "failed",
      problem: problem.toJSON(),
      steps: job.steps.map((step) => (step.state === "now" ? { ...step, state: "failed" } : step)),
    });
  }

  routes(nameOf: (beacon: string) => string): Hono {
    return new Hono()
      .get("/lifecycle", (c) =>
        answer(c, z.object({ jobs: z.array(LifecycleJobView) }), {
          jobs: this.jobs.filter(({ beacon }) => beacon === c.req.query("beacon")),
        }),
      )
      .post("/beacons/:beacon/lifecycle", async (c) => {
        const beacon = c.req.param("beacon");
        const request = parseOr(LifecycleRequest, await c.req.json(), "body");
        if ("confirm" in request) this.confirmed.push(request.confirm);
        if (request.change === "resize" && request.tier === "t1") {
          throw new Problem("conflict", "what is installed does not fit T1", { hint: "Remove an app first." });
        }
        const { confirm: _, ...change } = { confirm: undefined, ...request };
        return answer(c, LifecycleJobView, this.order(beacon, nameOf(beacon), LifecycleChange.parse(change)));
      })
      .post("/lifecycle/:job/retry", (c) => {
        const { problem: _, ...job } = this.#find(c.req.param("job"));
        const steps = job.steps.map((step) => (step.state === "failed" ? { ...step, state: "now" as const } : step));
        return answer(c, LifecycleJobView, this.#put({ ...job, state: "running", steps }));
      })
      .post("/lifecycle/:job/cancel", (c) => {
        const job = this.#find(c.req.param("job"));
        return answer(c, LifecycleJobView, this.#put({ ...job, state: "cancelled", finishedAt: Date.now() }));
      });
  }

  #find(id: string): LifecycleJobView {
    const job = this.jobs.find((known) => known.id === id);
    if (job === undefined) throw new Problem("not_found", `there is no job ${id}`);
    return job;
  }

  #put(job: LifecycleJobView): LifecycleJobView {
    const at = this.jobs.findIndex(({ id }) => id === job.id);
    if (at === -1) this.jobs.unshift(job);
    else this.jobs[at] = job;
    this.events.send(job);
    return job;
  }
}
