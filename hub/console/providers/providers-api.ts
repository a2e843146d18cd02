import { hc } from "hono/client";
import type { HubApi as HubRoutes } from "#hub/http/app.ts";
import { type ProviderInput, ProvidersView, ProviderView } from "#shared/api/providers.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

/** What the page of providers asks the hub, loaded with it. Each throws `Problem`. */
export function createProvidersApi() {
  const hub = hc<HubRoutes>("/api", { fetch: createPatientFetch(fetch) });
  return {
    list: async () => (await readAnswer(ProvidersView, hub.providers.$get())).providers,
    change: (provider: string, json: ProviderInput) =>
      readAnswer(ProviderView, hub.providers[":provider"].$put({ param: { provider }, json })),
    check: (provider: string) =>
      readAnswer(ProviderView, hub.providers[":provider"].check.$post({ param: { provider } })),
  };
}
export type ProvidersApi = ReturnType<typeof createProvidersApi>;
