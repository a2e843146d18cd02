import { hc } from "hono/client";
import { z } from "zod";
import type { HubApi as HubRoutes } from "#hub/http/app.ts";
import { LifecycleJobView, type LifecycleRequest } from "#shared/api/lifecycle.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

const Jobs = z.object({ jobs: z.array(LifecycleJobView) });

/** What is asked and ordered of a beacon as a whole, loaded with its panel. Each throws `Problem`. */
export function createLifecycleApi(beacon: string) {
  const hub = hc<HubRoutes>("/api", { fetch: createPatientFetch(fetch) });
  return {
    jobs: async () => (await readAnswer(Jobs, hub.lifecycle.$get({ query: { beacon } }))).jobs,
    request: (json: LifecycleRequest) =>
      readAnswer(LifecycleJobView, hub.beacons[":beacon"].lifecycle.$post({ param: { beacon }, json })),
    retry: (job: string) => readAnswer(LifecycleJobView, hub.lifecycle[":job"].retry.$post({ param: { job } })),
    cancel: (job: string) => readAnswer(LifecycleJobView, hub.lifecycle[":job"].cancel.$post({ param: { job } })),
  };
}
export type LifecycleApi = ReturnType<typeof createLifecycleApi>;
