import { hc } from "hono/client";
import { z } from "zod";
import type { HubApi as HubRoutes } from "#hub/http/app.ts";
import { type RemoteWriteInput, RemoteWriteView } from "#shared/api/remote-write.ts";
import { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { KeysView, Person } from "#shared/api/trust.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

const Anything = z.unknown();
const People = z.object({ people: z.array(Person) });

/** What the settings ask the hub, loaded with them. Each throws `Problem`. */
export function createSettingsApi() {
  const hub = hc<HubRoutes>("/api", { fetch: createPatientFetch(fetch) });
  return {
    scrapeToken: {
      view: () => readAnswer(ScrapeTokenView, hub["scrape-token"].$get()),
      make: () => readAnswer(NewScrapeToken, hub["scrape-token"].$post()),
      remove: () => readAnswer(Anything, hub["scrape-token"].$delete()),
    },
    remoteWrite: {
      view: () => readAnswer(RemoteWriteView, hub["remote-write"].$get()),
      put: (json: RemoteWriteInput) => readAnswer(RemoteWriteView, hub["remote-write"].$put({ json })),
      remove: () => readAnswer(Anything, hub["remote-write"].$delete()),
    },
    commandKeys: {
      view: () => readAnswer(KeysView, hub.keys.$get()),
      rotate: () => readAnswer(Anything, hub.keys.rotate.$post()),
    },
    tokenKeys: {
      view: () => readAnswer(KeysView, hub["token-keys"].$get()),
      rotate: () => readAnswer(Anything, hub["token-keys"].rotate.$post()),
    },
    people: {
      list: async () => (await readAnswer(People, hub.people.$get())).people,
      endSessions: (email: string) =>
        readAnswer(Anything, hub.people[":email"].sessions.end.$post({ param: { email } })),
      remove: (email: string) => readAnswer(Anything, hub.people[":email"].$delete({ param: { email } })),
    },
  };
}
export type SettingsApi = ReturnType<typeof createSettingsApi>;
