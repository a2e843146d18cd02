import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Accounts } from "./auth/accounts.ts";
import { openBilling, paymentOrigins } from "./billing/open-billing.ts";
import type { Dispatch } from "./commands/dispatch.ts";
import type { HubConfig } from "./config.ts";
import type { Dns } from "./dns/dns.ts";
import { every } from "./every.ts";
import type { Catalog } from "./fleet/catalog.ts";
import type { Enrolments } from "./fleet/enrolments.ts";
import type { Fleet } from "./fleet/fleet.ts";
import type { NewId } from "./id.ts";
import { openLifecycle } from "./lifecycle/open-lifecycle.ts";
import type { Live } from "./live.ts";
import type { MailQueue } from "./mail/mail-queue.ts";
import { openShop } from "./open-shop.ts";
import { createPrecedence } from "./precedence.ts";
import { providerKinds } from "./providers/index.ts";
import { createProviderMarket, type OwnProvider } from "./providers/market.ts";
import { createProviderAccounts } from "./providers/provider-accounts.ts";
import { createFirstStart } from "./provisioning/first-start.ts";
import { createProvisioning } from "./provisioning/provisioning.ts";
import { openReconcile, type ReconcileTimes } from "./reconcile/open-reconcile.ts";
import type { Releases } from "./releases/releases.ts";
import type { Billing as PayDesk } from "./shop/billing.ts";
import type { BeaconStore } from "./store/beacons.ts";
import type { Database } from "./store/database.ts";
import type { DocumentStore } from "./store/documents.ts";
import { createJobStore } from "./store/jobs.ts";
import { createProviderAccountStore } from "./store/provider-accounts.ts";
import { createProviderChoices } from "./store/provider-choices.ts";
import { createPurchaseStore } from "./store/purchases.ts";
import type { RollupStore } from "./store/rollups.ts";
import type { SettingStore } from "./store/settings.ts";
import type { Links } from "./ws/links.ts";

const OVERDUE_MS = 60_000;
/** A VPS or a command of which nothing was heard for so long is stuck. */
const STUCK_MS = 600_000;

export interface OpenBusinessParts {
  readonly db: Database;
  readonly settings: SettingStore;
  readonly sealingKey: Uint8Array;
  readonly catalog: Catalog;
  readonly own: OwnProvider | undefined;
  readonly dns: Dns;
  readonly releases: Releases | undefined;
  readonly vendorEndpoints: Readonly<Record<string, string>> | undefined;
  /** Who takes the money, where that is not whom the configuration names. */
  readonly payDesk: PayDesk | undefined;
  readonly times: { readonly sweepMs?: number; readonly reconcile?: ReconcileTimes } | undefined;
  readonly live: Live;
  readonly mail: MailQueue;
  readonly documents: DocumentStore;
  readonly accounts: Accounts;
  readonly beacons: BeaconStore;
  readonly fleet: Fleet;
  readonly rollups: RollupStore;
  readonly links: Links;
  readonly dispatch: Dispatch;
  readonly enrolments: Enrolments;
  /** Of a person, on all beacons. */
  readonly endSessions: (user: string) => Promise<void>;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: NewId;
  readonly onError: (error: unknown) => void;
}

/** What is sold, paid for and delivered: the parts that need each other, from the shop to the comparing of the books. */
export async function openBusiness(config: HubConfig, parts: OpenBusinessParts) {
  const { db, settings, catalog, own, dns, releases, vendorEndpoints, payDesk, times, log, now, newId, onError } =
    parts;
  const { live, mail, documents, accounts, beacons, fleet, rollups, links, dispatch, enrolments } = parts;
  const { publicUrl, zone } = config;

  const providers = createProviderAccounts({
    kinds: providerKinds,
    store: createProviderAccountStore(db),
    sealingKey: parts.sealingKey,
    toolsFor: (name) => ({ endpoint: vendorEndpoints?.[name], now, sleep }),
    now,
    onChanged: () => void provisioning.wakeServers().catch(onError),
  });
  const market = createProviderMarket({
    kinds: providerKinds,
    accounts: providers,
    choices: createProviderChoices(db),
    own,
  });
  const purchases = createPurchaseStore(db);
  const precedence = createPrecedence(now);
  const userData = createFirstStart(config, releases);
  const { lifecycle, beaconLife, bringTo } = openLifecycle({
    ...{ db, live, now, newId, onError, publicUrl, userData, accounts, links, dns, fleet, market, rollups },
    ...{ mails: mail, enrolments, dispatch, beacons, modules: catalog, silenceMs: STUCK_MS },
    endSessions: parts.endSessions,
    billing: () => billing,
  });
  const billing = await openBilling(config, {
    db,
    mail,
    precedence,
    now,
    modules: catalog,
    beacons: beaconLife,
    bringTo,
    onError,
    onPaid: (purchase) => provisioning.paid(purchase),
    onLapsed: (purchase) => provisioning.lapsed(purchase),
    longestPauseMs: times?.sweepMs,
  });
  const provisioning = createProvisioning({
    jobs: createJobStore(db),
    live,
    newId,
    precedence,
    now,
    onError,
    publicUrl,
    zone,
    market,
    userData,
    dns,
    mails: mail,
    documents,
    beacons: { ...beacons, remove: fleet.remove },
    // Without billing an operator's order is paid by being placed, and a customer's by being approved.
    billing: {
      isPaid: async (id) =>
        (await billing?.isPaid(id)) ??
        ((await purchases.get(id))?.sale === undefined || (await payDesk?.isPaid(id)) === true),
      takeBack: async (id) => billing?.takeBack(id),
    },
    accounts,
    enrolments,
    links,
    dispatch,
    modules: () => new Map([...catalog].map(([id, { manifest }]) => [id, manifest])),
    deliverWithinHours: config.orders.deliverWithinHours,
    silenceMs: STUCK_MS,
  });
  const wake = async (beacon: string) => {
    await provisioning.wake(beacon);
    await lifecycle.wake(beacon);
  };
  payDesk?.onPaid((purchase) => void provisioning.wakePurchase(purchase).catch(onError));
  const checkout = payDesk?.checkout ?? billing?.desk;
  const opened = openShop({ config, modules: catalog, orders: provisioning, purchases, checkout, now, log });
  const reconcile = openReconcile(config, { db, dns, settings, market, billing, mail, accounts, now, onError, times });
  const running = [provisioning, lifecycle, ...(billing === undefined ? [] : [billing]), reconcile];
  let endOverdue = async (): Promise<void> => undefined;

  return {
    providers,
    lifecycle,
    billing,
    provisioning,
    reconcile,
    /** The shop and its site, where there is one. */
    opened,
    /** Origins of others to which forms of the site lead. */
    formTargets: [...(checkout === undefined ? [] : [checkout.origin]), ...paymentOrigins(config)],
    /** Something happened to a beacon that its jobs may wait for. */
    wake,
    start: () => {
      for (const one of running) one.start();
      endOverdue = every(times?.sweepMs ?? OVERDUE_MS, provisioning.callOffOverdue, onError);
    },
    stop: async () => {
      await Promise.all([endOverdue(), ...running.map((one) => one.stop())]);
    },
  };
}
