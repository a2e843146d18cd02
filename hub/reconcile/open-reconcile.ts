import type { Accounts } from "../auth/accounts.ts";
import type { Billing } from "../billing/billing.ts";
import { SUSPEND_AFTER_DAYS } from "../billing/plan-life.ts";
import type { HubConfig } from "../config.ts";
import type { Dns } from "../dns/dns.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import { providerKinds } from "../providers/index.ts";
import { readBooked, readChanging } from "../store/booked.ts";
import type { Database } from "../store/database.ts";
import { createFindingStore } from "../store/findings.ts";
import type { SettingStore } from "../store/settings.ts";
import { createObserve, type ObserveParts } from "./observe.ts";
import { createPutRight } from "./put-right.ts";
import { createReconcile, type Reconcile, type ReconcileParts } from "./reconcile.ts";

export interface ReconcileTimes {
  /** What a job has touched so lately is left alone; ten minutes when absent. */
  readonly quietMs?: number;
  /** How often it is looked whether it is night; a minute when absent. */
  readonly pauseMs?: number;
}

export interface OpenReconcileParts extends Pick<ObserveParts, "market">, Pick<ReconcileParts, "now" | "onError"> {
  readonly db: Database;
  readonly dns: Pick<Dns, "list" | "remove">;
  readonly settings: SettingStore;
  readonly billing: Billing | undefined;
  readonly mail: Pick<MailQueue, "nudge">;
  readonly accounts: Pick<Accounts, "operators">;
  readonly times?: { readonly reconcile?: ReconcileTimes } | undefined;
}

const QUIET_MS = 10 * 60_000;
const PAUSE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** On top of the time after which the hub itself calls an order off that is not delivered. */
const SLACK_HOURS = 1;
/** On top of what the hub itself waits before it removes a beacon that nobody pays for. */
const SLACK_DAYS = 1;

/** Comparing Stripe, providers and books, as the hub is configured. */
export function openReconcile(
  { billing: settled, orders, publicUrl, zone }: HubConfig,
  parts: OpenReconcileParts,
): Reconcile {
  const { db, dns, settings, market, billing, mail, accounts, times, now, onError } = parts;
  const terminateAfterDays = settled === "none" ? 0 : settled.terminateAfterDays;
  const observe = createObserve({
    ...{ market, dns, zone, billing, onError },
    changing: () => readChanging(db),
    kinds: providerKinds,
    readBooked: () => readBooked(db),
  });
  return createReconcile({
    observe,
    putRight: createPutRight({ observe, market, dns, billing, now }),
    findings: createFindingStore(db),
    settings,
    operators: accounts.operators,
    onMail: mail.nudge,
    origin: publicUrl,
    zone,
    lateMs: (orders.deliverWithinHours + SLACK_HOURS) * HOUR_MS,
    quietMs: times?.reconcile?.quietMs ?? QUIET_MS,
    graceMs: (SUSPEND_AFTER_DAYS + terminateAfterDays + SLACK_DAYS) * DAY_MS,
    longestPauseMs: times?.reconcile?.pauseMs ?? PAUSE_MS,
    now,
    onError,
  });
}
