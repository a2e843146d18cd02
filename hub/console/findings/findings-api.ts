import { hc } from "hono/client";
import type { HubApi as HubRoutes } from "#hub/http/app.ts";
import { ReconcileView } from "#shared/api/reconcile.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

/** What the page of findings asks the hub, loaded with it. Each throws `Problem`. */
export function createFindingsApi() {
  const hub = hc<HubRoutes>("/api", { fetch: createPatientFetch(fetch) });
  return {
    view: () => readAnswer(ReconcileView, hub.reconcile.$get()),
    /** @param fix Also puts right what is certain */
    compare: (fix: boolean) => readAnswer(ReconcileView, hub.reconcile.$post({ json: { fix } })),
  };
}
