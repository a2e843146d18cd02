import type { HubInfo } from "#shared/api/hub.ts";
import type { AlertRuleBook } from "../alerts/alert-rules.ts";
import type { Channels } from "../alerts/channels.ts";
import type { Deliveries } from "../alerts/deliveries.ts";
import type { Silencing } from "../alerts/silencing.ts";
import type { Accounts } from "../auth/accounts.ts";
import type { Auth } from "../auth/auth.ts";
import type { Setup } from "../auth/setup.ts";
import type { TokenKeys } from "../auth/token-keys.ts";
import type { SignVisitToken } from "../auth/visit-token.ts";
import type { Billing } from "../billing/billing.ts";
import type { AuditLedger } from "../commands/audit-ledger.ts";
import type { Dispatch } from "../commands/dispatch.ts";
import type { ExecSessions } from "../exec-sessions.ts";
import type { Catalog } from "../fleet/catalog.ts";
import type { Enrolments } from "../fleet/enrolments.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { Live } from "../live.ts";
import type { ProviderAccounts } from "../providers/provider-accounts.ts";
import type { Provisioning } from "../provisioning/provisioning.ts";
import type { Reconcile } from "../reconcile/reconcile.ts";
import type { Releases } from "../releases/releases.ts";
import type { RemoteWrite } from "../remote-write/remote-write.ts";
import type { Shop } from "../shop/shop.ts";
import type { AlertEventStore } from "../store/alert-events.ts";
import type { Audit } from "../store/audit.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { GapStore } from "../store/gaps.ts";
import type { RollupStore } from "../store/rollups.ts";
import type { Departures } from "../trust/departures.ts";
import type { People } from "../trust/people.ts";
import type { Trust } from "../trust/trust.ts";
import type { Links } from "../ws/links.ts";
import type { Watch } from "../ws/watch.ts";
import type { EventStreamOptions } from "./event-stream.ts";
import type { Guards } from "./guards.ts";
import type { ScrapeTokens } from "./scrape-access.ts";

/** What routes call of provisioning. */
export type Orders = Pick<Provisioning, "order" | "approve" | "retry" | "cancel" | "jobs" | "job">;

/** Everything the routes stand on. */
export interface HttpParts {
  readonly accounts: Accounts;
  readonly alertEvents: Pick<AlertEventStore, "firing" | "history" | "fleetHistory">;
  readonly alertRules: AlertRuleBook;
  readonly audit: Audit;
  readonly auditLedger: AuditLedger;
  readonly auth: Auth;
  readonly beacons: BeaconStore;
  /** `undefined` where nothing is sold. */
  readonly billing: Billing | undefined;
  readonly catalog: Catalog;
  readonly channels: Channels;
  readonly deliveries: Pick<Deliveries, "test">;
  readonly dispatch: Dispatch;
  readonly enrolments: Enrolments;
  readonly execSessions: ExecSessions;
  readonly fleet: Fleet;
  readonly gaps: Pick<GapStore, "list">;
  readonly guards: Guards;
  readonly info: HubInfo;
  readonly lifecycle: Pick<Lifecycle, "request" | "jobs" | "job" | "retry" | "cancel">;
  readonly links: Links;
  readonly live: Live;
  readonly orders: Orders;
  readonly providers: Pick<ProviderAccounts, "view" | "change" | "check">;
  readonly reconcile: Pick<Reconcile, "view" | "run">;
  /** What new servers fetch; absent where the operator has set up none. */
  readonly releases: Releases | undefined;
  readonly remoteWrite: Pick<RemoteWrite, "view" | "set" | "remove">;
  readonly rollups: RollupStore;
  readonly scrapeTokens: ScrapeTokens;
  readonly setup: Setup;
  /** Where the hub has one. */
  readonly shop: Shop | undefined;
  readonly silencing: Silencing;
  readonly streamTimes: Pick<EventStreamOptions, "lifeMs" | "graceMs">;
  readonly signVisitToken: SignVisitToken;
  readonly trustedProxies: readonly string[];
  readonly watch: Watch;
  readonly tokenKeys: TokenKeys;
  readonly trust: Trust;
  readonly departures: Departures;
  readonly people: Pick<People, "revoke">;
  readonly now: () => number;
}
