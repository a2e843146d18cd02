import { type JobEvent, type JobState, type JobView, jobStates, type Order } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { FixtureTopic } from "./fixture-topic.ts";

const messages: Partial<Record<JobState, string>> = {
  PENDING: "order taken",
  PAYMENT_RECEIVED: "nothing to pay on this hub",
  PROVISIONING_VPS: "asked local for a machine",
  WAITING_FOR_VPS: "the machine has started",
  CONFIGURING_DNS: "domain points at 127.0.0.1",
  DEPLOYING_WOPR: "core services are up",
  GENERATING_DOCS: "handbook of 6 pages",
  SENDING_WELCOME: "mail was accepted",
};

const waits: Partial<Record<JobState, string>> = {
  WAITING_FOR_VPS: "the agent to enrol",
  DEPLOYING_WOPR: "vaultwarden to be healthy (7 of 12 steps)",
};

/** Jobs in memory, moved from state to state by the test. */
export class FixtureJobs {
  readonly list: JobView[] = [];
  readonly events = new FixtureTopic<JobView>();
  #jobs = 0;

  order({ email, beacon, modules }: Order, sale?: JobView["sale"]): JobView {
    const id = `job_fixture-${String(++this.#jobs).padStart(4, "0")}`;
    const at = Date.now();
    const job: JobView = {
      id,
      purchase: id.replace("job", "purchase"),
      beaconName: beacon,
      email,
      modules,
      ...(sale === undefined ? {} : { sale }),
      state: "PENDING",
      createdAt: at,
      events: [{ at, state: "PENDING", message: messages.PENDING ?? "" }],
    };
    return this.#put(job);
  }

  find(id: string): JobView {
    const job = this.list.find((known) => known.id === id);
    if (job === undefined) throw new Problem("not_found", `there is no job ${id}`);
    return job;
  }

  /** To the next state; `COMPLETED` gives the job its beacon. */
  advance(id: string, beacon: string, durationMs = 1_400): JobView {
    const job = this.find(id);
    const at = Date.now();
    const from = job.state === "FAILED" ? (job.stoppedIn ?? "PENDING") : job.state;
    const order: readonly JobState[] = jobStates;
    const state = order[order.indexOf(from) + 1] ?? "COMPLETED";
    const { waitingFor: _waitingFor, problem: _problem, stoppedIn: _stoppedIn, ...rest } = job;
    const wait = waits[state];
    return this.#put({
      ...rest,
      state,
      events: [...job.events, { at, state, message: messages[from] ?? from, durationMs }],
      ...(wait === undefined ? {} : { waitingFor: wait }),
      ...(state === "COMPLETED" ? { finishedAt: at, beacon } : {}),
    });
  }

  fail(id: string, problem: Problem): JobView {
    const job = this.find(id);
    const body = problem.toJSON();
    const event: JobEvent = { at: Date.now(), state: "FAILED", message: problem.message, problem: body };
    return this.#put({ ...job, state: "FAILED", stoppedIn: job.state, problem: body, events: [...job.events, event] });
  }

  retry(id: string): JobView {
    const { problem: _problem, stoppedIn, ...job } = this.find(id);
    if (job.state !== "FAILED" || stoppedIn === undefined) throw new Problem("conflict", "the job has not failed");
    return this.#put({
      ...job,
      state: stoppedIn,
      events: [...job.events, { at: Date.now(), state: stoppedIn, message: "tried again" }],
    });
  }

  approve(id: string): JobView {
    const { sale, ...job } = this.find(id);
    if (sale === undefined) throw new Problem("conflict", "the job waits for no approval");
    return this.#put({ ...job, sale: { ...sale, approvedAt: Date.now() } });
  }

  cancel(id: string): JobView {
    const job = this.find(id);
    const stoppedIn = job.state === "FAILED" ? (job.stoppedIn ?? "PENDING") : job.state;
    const event: JobEvent = { at: Date.now(), state: "CANCELLED", message: "cancelled by the operator" };
    return this.#put({ ...job, state: "CANCELLED", stoppedIn, finishedAt: event.at, events: [...job.events, event] });
  }

  #put(job: JobView): JobView {
    const at = this.list.findIndex(({ id }) => id === job.id);
    if (at === -1) this.list.unshift(job);
    else this.list[at] = job;
    this.events.send(job);
    return job;
  }
}
