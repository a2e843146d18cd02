import { hc } from "hono/client";
import { z } from "zod";
import type { AgentApi as AgentRoutes } from "#agent/api/app.ts";
import { AlertsView } from "#shared/api/alerts.ts";
import { BeaconOverview, CommandDetail, CommandView, MetricsView, Plan } from "#shared/api/beacon.ts";
import { type ChannelInput, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import { BeaconClaims } from "#shared/api/hub.ts";
import { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { type BeaconApi, CommandList, followBeacon, ModuleList, metricsQuery } from "#ui/beacon-api.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

const Visitor = BeaconClaims.pick({ email: true, role: true });
export type Visitor = z.output<typeof Visitor>;

const Hub = z.object({ url: z.string().optional() });

/** What the dashboard asks its beacon. Each function throws `Problem`. */
export function createAgentApi() {
  const patientFetch = createPatientFetch(fetch);
  const { api } = hc<AgentRoutes>("/", { fetch: patientFetch });
  const beacon: BeaconApi = {
    overview: () => readAnswer(BeaconOverview, api.overview.$get()),
    modules: async () => (await readAnswer(ModuleList, api.modules.$get())).modules,
    plan: (json) => readAnswer(Plan, api.plan.$post({ json })),
    commands: async (limit) =>
      (await readAnswer(CommandList, api.commands.$get({ query: { limit: String(limit) } }))).commands,
    submit: (json) => readAnswer(CommandView, api.commands.$post({ json })),
    command: (id) => readAnswer(CommandDetail, api.commands[":id"].$get({ param: { id } })),
    cancel: (id) => readAnswer(CommandView, api.commands[":id"].cancel.$post({ param: { id } })),
    metrics: (...wanted) => readAnswer(MetricsView, api.metrics.$get({ query: metricsQuery(...wanted) })),
    alerts: () => readAnswer(AlertsView, api.alerts.$get()),
    silence: (json) => readAnswer(AlertsView, api.silences.$post({ json })),
    ...followBeacon("/api"),
  };
  return {
    beacon,
    me: () => readAnswer(Visitor, api.me.$get()),
    /** Where people sign in. Anybody may ask. */
    hub: () => readAnswer(Hub, patientFetch("/api/hub")),
    /** With a one-time code of `wopr login-link`. */
    signIn: (token: string) =>
      readAnswer(z.unknown(), fetch("/session", { method: "POST", body: new URLSearchParams({ token }) })),
    scrapeToken: {
      view: () => readAnswer(ScrapeTokenView, api["scrape-token"].$get()),
      make: () => readAnswer(NewScrapeToken, api["scrape-token"].$post()),
      remove: () => readAnswer(z.unknown(), api["scrape-token"].$delete()),
    },
    channels: {
      list: () => readAnswer(ChannelsView, api.channels.$get()),
      put: (json: ChannelInput, channel: string | undefined) =>
        readAnswer(
          ChannelView,
          channel === undefined
            ? api.channels.$post({ json })
            : api.channels[":channel"].$put({ param: { channel }, json }),
        ),
      remove: (channel: string) => readAnswer(z.unknown(), api.channels[":channel"].$delete({ param: { channel } })),
      test: (channel: string) => readAnswer(z.unknown(), api.channels[":channel"].test.$post({ param: { channel } })),
    },
    leave: () => readAnswer(z.unknown(), fetch("/session/end", { method: "POST" })),
  };
}
export type AgentApi = ReturnType<typeof createAgentApi>;
