import type { JobState, JobView, Order } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { NewId } from "../id.ts";
import type { Live } from "../live.ts";
import type { Job, JobStore } from "../store/jobs.ts";
import type { NewPayment } from "../store/payments.ts";
import type { Purchase, Sale } from "../store/purchases.ts";
import { advance } from "./advance.ts";
import { checkName, checkOrder, ownNamesOf } from "./check-order.ts";
import { welcomeIdOf } from "./derived-ids.ts";
import { approveOf, cancelOf, type Intervention, isServed, overdueOf, retryOf, withdrawOf } from "./interventions.ts";
import { jobViewOf } from "./job-view.ts";
import { callOffMails } from "./operator-mails.ts";
import { createRunner } from "./runner.ts";
import type { StateContext } from "./state.ts";

/** The newest jobs that a list shows. */
const LIST_LIMIT = 200;
const CONCURRENCY = 64;
const HOUR_MS = 3_600_000;
/** Until a provider is asked for a server. */
const beforeCreate: readonly JobState[] = ["PENDING", "PAYMENT_RECEIVED", "PROVISIONING_VPS"];
/** Where a job may wait for a provider. */
const atProviders = ["PAYMENT_RECEIVED", "PROVISIONING_VPS", "WAITING_FOR_VPS", "CANCELLED"] as const;

export interface ProvisioningParts extends StateContext {
  readonly jobs: JobStore;
  readonly live: Pick<Live, "publish" | "isHeard">;
  readonly newId: NewId;
  /** How many jobs are looked at side by side; 64 when absent: a look waits for others more than it works. */
  readonly concurrency?: number | undefined;
  /** Told what went wrong with provisioning itself, a failing database for example; problems of a job stand in the job. */
  readonly onError: (error: unknown) => void;
}

/** From an order to a beacon: durable jobs that survive the death of the hub at any instant. */
export interface Provisioning {
  /** Takes up every unfinished job. */
  start(): void;
  /** Returns when nothing is under way any more; unfinished jobs wait for the next start. */
  stop(): Promise<void>;
  /**
   * Takes the name for it from this moment on.
   * @param bought What was bought in the shop, or what an operator's order costs; nothing when absent.
   * @throws {Problem} `conflict` for a name that is taken or reserved, `module_unknown`
   */
  order(
    order: Order,
    actor: string,
    bought?: { readonly sale?: Sale | undefined; readonly payment?: NewPayment | undefined },
  ): Promise<JobView>;
  /** @returns why no beacon can be called so @throws nothing of its own */
  nameProblem(name: string): Promise<Problem | undefined>;
  /** Lets an order pass without a payment. @throws {Problem} `not_found`, `conflict` when it waits for none */
  approve(id: string, actor: string): Promise<JobView>;
  /** The customer's own cancel. @throws {Problem} `not_found`, `conflict` once it is paid or approved */
  withdraw(id: string, actor: string): Promise<JobView>;
  /**
   * Takes a failed job up again; of one that is completed without its welcome mail, sends that.
   * @throws {Problem} `not_found`, `conflict` when there is nothing to try again
   */
  retry(id: string, actor: string): Promise<JobView>;
  /** Ends a job and takes back what it made. @throws {Problem} `not_found`, `conflict` once it is completed */
  cancel(id: string, actor: string): Promise<JobView>;
  /** Newest first. */
  jobs(): Promise<JobView[]>;
  job(id: string): Promise<JobView | undefined>;
  /** The job of a purchase. */
  ofPurchase(purchase: string): Promise<JobView | undefined>;
  /** The purchase that holds a name and waits for its payment. */
  pendingOf(beaconName: string): Promise<Purchase | undefined>;
  /** A purchase changed outside. */
  wakePurchase(purchase: string): Promise<void>;
  /** A purchase is paid for; one whose order is called off is given back. May be told again. @throws {Problem} when it has to be */
  paid(purchase: string): Promise<void>;
  /** Calls off what was paid and is not delivered in its time. */
  callOffOverdue(): Promise<void>;
  /** Something happened to this beacon that its job may wait for: its agent came online, a command ended. */
  wake(beacon: string): Promise<void>;
  /** Something changed with the providers, which jobs may wait for: other credentials, another one enabled. */
  wakeServers(): Promise<void>;
  /** A purchase was not paid for in time: its order is cancelled, unless it was paid after all. */
  lapsed(purchase: string): Promise<void>;
}

export function createProvisioning(parts: ProvisioningParts): Provisioning {
  const { jobs: store, live, newId, now, modules, mails, market, onError, precedence, publicUrl, zone } = parts;

  const ownNames = ownNamesOf(publicUrl, zone);
  /** What a completed job went on without may have gone out since. */
  const isMailed = async ({ id, state, problem }: Job) =>
    state === "COMPLETED" && problem !== undefined && (await mails.state(welcomeIdOf(id)))?.sentAt !== undefined;
  const view = async (job: Job) =>
    jobViewOf((await isMailed(job)) ? { ...job, problem: undefined } : job, await store.events(job.id));
  const present = async (id: string): Promise<Job> => {
    const job = await store.get(id);
    if (job !== undefined) return job;
    throw new Problem("not_found", `there is no job ${id}`);
  };
  const publish = async (id: string): Promise<JobView> => {
    const changed = await view(await present(id));
    live.publish("job", changed);
    return changed;
  };

  /** @returns the job when it got into another state in which there is something to do */
  const look = async (job: Job): Promise<Job | undefined> => {
    const changed = await advance(store, parts, job);
    if (changed === undefined) return undefined;
    if (live.isHeard("job")) live.publish("job", await view(changed));
    return changed.finishedAt !== undefined || changed.state === job.state ? undefined : changed;
  };

  const runner = createRunner({
    jobs: store,
    now,
    concurrency: parts.concurrency ?? CONCURRENCY,
    onError,
    run: async (job) => {
      try {
        for (let seen: Job | undefined = job; seen !== undefined; ) {
          if (!beforeCreate.includes(seen.state)) await precedence.free();
          seen = await look(seen);
        }
      } finally {
        precedence.end(job.id);
      }
    },
  });

  /** Changes a job on somebody's behalf, over what provisioning may do to it at the same time. */
  const intervene = async (id: string, plan: (job: Job) => Intervention) => {
    for (;;) {
      const seen = await present(id);
      const step = plan(seen);
      if (step === undefined || (await store.change(seen, step)) !== undefined) break;
    }
    runner.nudge();
    return publish(id);
  };

  return {
    start: runner.start,
    stop: runner.stop,
    order: async (order, actor, { sale, payment } = {}) => {
      const at = now();
      const purchase = {
        id: newId("purchase"),
        email: order.email,
        beaconName: order.beacon,
        modules: checkOrder(order, modules(), ownNames),
        region: order.region,
        actor,
        createdAt: at,
        sale,
      };
      const id = newId("job");
      const event = { at, state: "PENDING", message: `Ordered by ${actor}.` } as const;
      const audit = { actor, action: "job.order", subject: id, details: { beacon: order.beacon } };
      if (!(await store.insert({ id, purchase, payment, event, audit }))) {
        throw taken(order.beacon);
      }
      runner.nudge();
      return publish(id);
    },
    nameProblem: async (name) =>
      checkName(name, ownNames) ?? ((await store.isNameInUse(name)) ? taken(name) : undefined),
    approve: async (id, actor) => {
      const approved = await intervene(id, (job) => approveOf(job, actor, now()));
      // A look that began before does not know of it, and would put the next one off.
      await runner.wake(id);
      return approved;
    },
    withdraw: (id, actor) => intervene(id, (job) => withdrawOf(job, actor, now())),
    retry: async (id, actor) => {
      const plan = (job: Job) => retryOf(job, actor, now());
      const seen = await present(id);
      // Before it is stored: a job that goes on finds all of them asked anew. Of one that cannot be retried nothing is changed.
      plan((await isMailed(seen)) ? { ...seen, problem: undefined } : seen);
      if (seen.state === "COMPLETED") await mails.tryAgain(welcomeIdOf(id));
      else await market.askAllAgain(id);
      return intervene(id, plan);
    },
    cancel: (id, actor) => intervene(id, (job) => cancelOf(job, actor, now())),
    jobs: async () => Promise.all((await store.list(LIST_LIMIT)).map(view)),
    job: async (id) => {
      const job = await store.get(id);
      return job === undefined ? undefined : view(job);
    },
    ofPurchase: async (purchase) => {
      const job = await store.ofPurchase(purchase);
      return job === undefined ? undefined : view(job);
    },
    pendingOf: async (beaconName) => (await store.pendingOf(beaconName))?.purchase,
    wakePurchase: async (purchase) => {
      const job = await store.ofPurchase(purchase);
      if (job !== undefined) await runner.wake(job.id);
    },
    wake: async (beacon) => {
      for (const id of await store.unfinishedOf(beacon)) await runner.wake(id);
    },
    wakeServers: async () => {
      for (const id of await store.unfinishedIn(atProviders)) await runner.wake(id);
    },
    paid: async (purchase) => {
      const job = await store.ofPurchase(purchase);
      // Looked at after the payment is in the books: an order that is called off later gives it back itself.
      if (job?.state === "CANCELLED") await parts.billing.takeBack(purchase);
      else if (job?.state === "PENDING") {
        precedence.begin(job.id);
        await runner.hurry(job);
      } else if (job !== undefined) await runner.wake(job.id);
    },
    callOffOverdue: async () => {
      const { deliverWithinHours: hours } = parts;
      for (const id of await store.overdue(now() - hours * HOUR_MS)) {
        const job = await present(id);
        if (isServed(job)) continue;
        const letters = await callOffMails(parts, job);
        await intervene(id, (seen) => overdueOf(seen, now(), hours, letters));
        mails.nudge();
      }
    },
    lapsed: async (purchase) => {
      const job = await store.ofPurchase(purchase);
      if (job === undefined) return;
      await intervene(job.id, (seen) => (seen.state === "PENDING" ? cancelOf(seen, "billing", now()) : undefined));
    },
  };
}

const taken = (name: string) => new Problem("conflict", `the name ${name} is taken`, { hint: "Choose another name." });
