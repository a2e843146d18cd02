import { hc } from "hono/client";
import { z } from "zod";
import type { HubApi as HubRoutes } from "#hub/http/app.ts";
import type { AlertRule } from "#shared/alerts/rule.ts";
import { AlertRulesView, AlertsView, FleetAlert, OwnerNotices, type SilenceInput } from "#shared/api/alerts.ts";
import { BeaconOverview, CommandDetail, CommandView, MetricsView, Plan } from "#shared/api/beacon.ts";
import { type ChannelInput, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import {
  AuditEntry,
  BeaconSummary,
  BeaconVisit,
  FleetEvent,
  HubInfo,
  JobView,
  Me,
  MyAccount,
  NewEnrolmentToken,
  type Order,
  signInAgainPath,
} from "#shared/api/hub.ts";
import { type BeaconApi, CommandList, followBeacon, ModuleList, metricsQuery } from "#ui/beacon-api.ts";
import { type LinkState, listen, openEventStream } from "#ui/event-stream.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

/** The hub refuses a shorter one. */
export const SHORTEST_PASSWORD = 10;

export interface Setup {
  /** From a file of the hub: proof that the reader runs it. */
  readonly code: string;
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

export interface FleetHandlers {
  /** Those that have changed. */
  readonly onBeacons: (beacons: readonly BeaconSummary[]) => void;
  readonly onJob: (job: JobView) => void;
  /** A beacon as a whole is being changed: who shows that asks how far it is. */
  readonly onLifecycle: () => void;
  readonly onAlert: (alert: FleetAlert) => void;
  readonly onState: (state: LinkState) => void;
}

const SetupState = z.object({ needed: z.boolean() });
const Beacons = z.object({ beacons: z.array(BeaconSummary) });
const Jobs = z.object({ jobs: z.array(JobView) });
const Audit = z.object({ entries: z.array(AuditEntry) });
const Firing = z.object({ firing: z.array(FleetAlert) });
const AlertHistory = z.object({ history: z.array(FleetAlert) });
const Anything = z.unknown();

/** Accounts are better-auth's own routes, which are no part of the typed API. */
const postAuth = (path: string, body: unknown) =>
  fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** What the console asks the hub, one function a request. Each throws `Problem`. */
export function createHubApi() {
  const hub = hc<HubRoutes>("/api", { fetch: createPatientFetch(fetch) });
  return {
    signIn: (email: string, password: string) => readAnswer(Anything, postAuth("sign-in/email", { email, password })),
    sendMagicLink: (email: string) =>
      readAnswer(
        Anything,
        postAuth("sign-in/magic-link", { email, callbackURL: "/", errorCallbackURL: signInAgainPath(email) }),
      ),
    signOut: () => readAnswer(Anything, postAuth("sign-out", {})),
    setup: () => readAnswer(SetupState, hub.setup.$get()),
    putSetup: (json: Setup) => readAnswer(Me, hub.setup.$post({ json })),
    me: () => readAnswer(MyAccount, hub.me.$get()),
    setPassword: (password: string) => readAnswer(MyAccount, hub.me.password.$put({ json: { password } })),
    hub: () => readAnswer(HubInfo, hub.hub.$get()),
    beacons: async () => (await readAnswer(Beacons, hub.beacons.$get())).beacons,
    visit: (beacon: string) => readAnswer(BeaconVisit, hub.beacons[":beacon"].visit.$post({ param: { beacon } })),
    revoke: (beacon: string, confirm: string) =>
      readAnswer(Anything, hub.beacons[":beacon"].revoke.$post({ param: { beacon }, json: { confirm } })),
    leave: (beacon: string, confirm: string) =>
      readAnswer(Anything, hub.beacons[":beacon"].leave.$post({ param: { beacon }, json: { confirm } })),
    reissue: (beacon: string) =>
      readAnswer(NewEnrolmentToken, hub.beacons[":beacon"].enrolment.$post({ param: { beacon } })),
    modules: async () => (await readAnswer(ModuleList, hub.modules.$get())).modules,
    order: (json: Order) => readAnswer(JobView, hub.orders.$post({ json })),
    jobs: async () => (await readAnswer(Jobs, hub.jobs.$get())).jobs,
    job: (job: string) => readAnswer(JobView, hub.jobs[":job"].$get({ param: { job } })),
    approveJob: (job: string) => readAnswer(JobView, hub.jobs[":job"].approve.$post({ param: { job } })),
    retryJob: (job: string) => readAnswer(JobView, hub.jobs[":job"].retry.$post({ param: { job } })),
    cancelJob: (job: string) => readAnswer(JobView, hub.jobs[":job"].cancel.$post({ param: { job } })),
    audit: async () => (await readAnswer(Audit, hub.audit.$get({ query: {} }))).entries,
    alerts: async () => (await readAnswer(Firing, hub.alerts.$get())).firing,
    alertHistory: async () => (await readAnswer(AlertHistory, hub.alerts.history.$get())).history,
    /** Of the hub itself; those of beacons by `beacon(id).silence`. */
    silenceHub: (json: SilenceInput) => readAnswer(Anything, hub.silences.$post({ json })),
    notices: (beacon: string) => readAnswer(OwnerNotices, hub.beacons[":beacon"].notices.$get({ param: { beacon } })),
    putNotices: (beacon: string, json: OwnerNotices) =>
      readAnswer(OwnerNotices, hub.beacons[":beacon"].notices.$put({ param: { beacon }, json })),
    alertRules: () => readAnswer(AlertRulesView, hub["alert-rules"].$get()),
    putAlertRules: (rules: AlertRule[]) => readAnswer(AlertRulesView, hub["alert-rules"].$put({ json: { rules } })),
    channels: {
      list: () => readAnswer(ChannelsView, hub.channels.$get()),
      /** Adds a channel, or changes the one of that id. */
      put: (json: ChannelInput, channel: string | undefined) =>
        readAnswer(
          ChannelView,
          channel === undefined
            ? hub.channels.$post({ json })
            : hub.channels[":channel"].$put({ param: { channel }, json }),
        ),
      remove: (channel: string) => readAnswer(Anything, hub.channels[":channel"].$delete({ param: { channel } })),
      test: (channel: string) => readAnswer(Anything, hub.channels[":channel"].test.$post({ param: { channel } })),
    },
    /** @returns closes it */
    followFleet: ({ onBeacons, onJob, onLifecycle, onAlert, onState }: FleetHandlers) =>
      openEventStream({
        url: "/api/events",
        listeners: [
          listen("beacons", FleetEvent.beacons, onBeacons),
          listen("job", FleetEvent.job, onJob),
          listen("lifecycle", Anything, onLifecycle),
          listen("alert", FleetEvent.alert, onAlert),
        ],
        onState,
      }),
    beacon: (id: string): BeaconApi => beaconApi(hub.beacons[":beacon"], id),
  };
}
export type HubApi = ReturnType<typeof createHubApi>;

type BeaconRoutes = ReturnType<typeof hc<HubRoutes>>["beacons"][":beacon"];

/** One beacon, asked through the hub. */
function beaconApi(routes: BeaconRoutes, beacon: string): BeaconApi {
  const param = { beacon };
  return {
    overview: () => readAnswer(BeaconOverview, routes.overview.$get({ param })),
    modules: async () => (await readAnswer(ModuleList, routes.modules.$get({ param }))).modules,
    plan: (json) => readAnswer(Plan, routes.plan.$post({ param, json })),
    commands: async (limit) =>
      (await readAnswer(CommandList, routes.commands.$get({ param, query: { limit: String(limit) } }))).commands,
    submit: (json) => readAnswer(CommandView, routes.commands.$post({ param, json })),
    command: (command) => readAnswer(CommandDetail, routes.commands[":command"].$get({ param: { beacon, command } })),
    cancel: (command) =>
      readAnswer(CommandView, routes.commands[":command"].cancel.$post({ param: { beacon, command } })),
    metrics: (...wanted) => readAnswer(MetricsView, routes.metrics.$get({ param, query: metricsQuery(...wanted) })),
    alerts: () => readAnswer(AlertsView, routes.alerts.$get({ param })),
    silence: (json) => readAnswer(AlertsView, routes.silences.$post({ param, json })),
    ...followBeacon(`/api/beacons/${beacon}`),
  };
}
