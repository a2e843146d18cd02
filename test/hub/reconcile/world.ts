import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { createBooks } from "#hub/billing/books.ts";
import { subscriptionsAtStripe } from "#hub/billing/subscriptions-at-stripe.ts";
import { takeBack } from "#hub/billing/take-back.ts";
import { hetznerProvider } from "#hub/providers/hetzner.ts";
import type { Provider } from "#hub/providers/provider.ts";
import { beaconIdOf } from "#hub/provisioning/derived-ids.ts";
import { createObserve, type ObserveParts } from "#hub/reconcile/observe.ts";
import { createPutRight, type PutRightParts } from "#hub/reconcile/put-right.ts";
import { createReconcile, type Reconcile, type ReconcileParts } from "#hub/reconcile/reconcile.ts";
import { createAudit } from "#hub/store/audit.ts";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { readBooked, readChanging } from "#hub/store/booked.ts";
import { createFindingStore } from "#hub/store/findings.ts";
import { createPurchaseStore } from "#hub/store/purchases.ts";
import { createSettingStore } from "#hub/store/settings.ts";
import type { JobState } from "#shared/api/hub.ts";
import { orderFor } from "#test/contracts/provider-under-test.ts";
import { openAccount } from "#test/hub/billing/account.ts";
import type { Contract } from "#test/simulators/contract.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";

export const OPERATORS = ["olga@example.org", "otto@example.org"];
export const QUIET_MS = 600_000;
export const DAY_MS = 24 * 3_600_000;

/** What a test has different about a hub that compares. */
export interface Over {
  readonly findings?: ReconcileParts["findings"];
  readonly settings?: ReconcileParts["settings"];
  readonly provider?: Provider;
  readonly changing?: ObserveParts["changing"];
  readonly dns?: ObserveParts["dns"] & PutRightParts["dns"];
  readonly takeBack?: (purchase: string) => Promise<void>;
}

/** The books of a hub, its accounts at Stripe and at Hetzner, and what compares them: all real but for the two vendors. */
export async function openWorld(contract: Contract | undefined) {
  const account = await openAccount(contract);
  const hetzner = await startHetzner();
  const { db, now, stripe, payments, subscriptions, lanes } = account;
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const provider = hetznerProvider.open(hetzner.credentials, { ...hetzner.clock, endpoint: `${hetzner.url}/v1` });
  const beacons = createBeaconStore(db, now);
  const refunds: string[] = [];
  const nothing = async () => undefined;
  const books = createBooks({
    ...{ stripe, payments, subscriptions, lanes, now },
    ...{ onPaid: nothing, onLapsed: nothing, onPaidTooLate: nothing, onSubscription: () => undefined },
  });
  const giveBack = (purchase: string) =>
    takeBack(
      { stripe, payments, lanes, now, tell: async (_, { cents }) => void refunds.push(`${purchase} ${cents}`) },
      purchase,
    );

  const addJob = async (purchase: string, state: JobState, finishedAt: number | null) => {
    const id = `job_${purchase}`;
    const times = { wake_at: now(), entered_at: finishedAt ?? now(), created_at: now(), finished_at: finishedAt };
    await db
      .insertInto("job")
      .values({ id, purchase, state, ...times })
      .execute();
    return beaconIdOf(id);
  };
  let orders = 0;
  /** An order without a price. @returns the id of the beacon that it makes */
  const ordered = async (state: JobState, finishedAt: number | null = now() - QUIET_MS) => {
    orders += 1;
    const id = `purchase_0000000${orders}`;
    const about = {
      email: "ada@example.org",
      beaconName: `ada-${orders}`,
      modules: [],
      region: undefined,
      actor: "test",
    };
    await createPurchaseStore(db).insert({ id, ...about, createdAt: now() });
    return addJob(id, state, finishedAt);
  };
  const enter = (id: string, providerId: string, name = id) =>
    beacons
      .insert({
        id,
        name,
        domain: `${name}.localhost`,
        email: "ada@example.org",
        provider: "hetzner",
        createdAt: now(),
      })
      .then(() => beacons.update(id, { providerId }));

  /** A hub that compares, as a process of its own would. */
  const reconcileWith = (over: Over = {}): Reconcile => {
    const at = over.provider ?? provider;
    const market = { names: async () => ["hetzner"], open: async () => at };
    const billing = {
      subscriptionsAtStripe: () => subscriptionsAtStripe(stripe),
      lookAgain: async ({ subscription }: { readonly subscription: string }) =>
        void (await books.refresh(subscription)),
      takeBack: over.takeBack ?? giveBack,
    };
    const dns = over.dns ?? { list: async () => [], remove: nothing };
    const observe = createObserve({
      ...{ market, billing, dns, zone: "localhost", onError, kinds: [hetznerProvider] },
      ...{ readBooked: () => readBooked(db), changing: over.changing ?? (() => readChanging(db)) },
    });
    return createReconcile({
      ...{ observe, putRight: createPutRight({ observe, market, dns, billing, now }) },
      findings: over.findings ?? createFindingStore(db),
      settings: over.settings ?? createSettingStore(db),
      ...{ operators: async () => OPERATORS, onMail: () => undefined, origin: "http://hub.test", zone: "localhost" },
      ...{ quietMs: QUIET_MS, lateMs: 25 * 3_600_000, graceMs: 38 * DAY_MS, longestPauseMs: 5, now, onError },
    });
  };

  return {
    ...{ account, db, now, hetzner, provider, beacons, errors, refunds, ordered, addJob, enter, reconcileWith },
    takeBack: giveBack,
    /** A server that somebody had made at Hetzner. @returns its id */
    rent: async (beacon: string, size?: string) => {
      const { id } = await provider.create(orderFor(beacon, size === undefined ? {} : { size }));
      hetzner.clock.pass(60_000);
      return id;
    },
    /** Whether it is there still, once what Hetzner is at is done. */
    isThere: (id: string) => {
      hetzner.clock.pass(60_000);
      return hetzner.has(id);
    },
    compare: (fix = false, over: Over = {}) => reconcileWith(over).run({ fix, actor: "olga@example.org" }),
    audited: async () =>
      (await createAudit(db, now).list({ limit: 100 })).map(
        ({ actor, action, subject }) => `${actor} ${action} ${subject}`,
      ),
    mails: () => db.selectFrom("mail").select(["recipient", "subject", "text"]).execute(),
    until: async (holds: () => Promise<boolean>) => {
      while (!(await holds())) await wait(5);
    },
    /** Fails when anything was not as the vendors describe it. */
    stop: async () => {
      await account.stop();
      await hetzner.stop();
      expect([...hetzner.violations, ...account.simulator.violations]).toEqual([]);
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
