import { Hono } from "hono";
import { providerKinds } from "#hub/providers/index.ts";
import { ProvidersView, type ProviderView } from "#shared/api/providers.ts";
import { formFieldsOf } from "#shared/form-fields.ts";
import { answer } from "./fixture-routes.ts";

/** The accounts at providers, as a page shows them. What changes them is tried with a real hub. */
export class FixtureProviders {
  list: ProviderView[] = providerKinds.map((kind) => ({
    ...{ name: kind.name, title: kind.title, enabled: false, configured: false, weight: 0 },
    ...{ credentials: {}, secrets: [], form: formFieldsOf(kind.Credentials, kind.secrets) },
    ...{ defaultSizes: kind.defaultSizes, defaultRegion: kind.defaultRegion, lacks: [...(kind.lacks ?? [])] },
  }));

  put(name: string, changed: Partial<ProviderView>) {
    this.list = this.list.map((one) => (one.name === name ? { ...one, configured: true, ...changed } : one));
  }

  routes(): Hono {
    return new Hono().get("/providers", (c) => answer(c, ProvidersView, { providers: this.list }));
  }
}

/** As they are after some time: most work, one does not. */
export function fillProviders(providers: FixtureProviders) {
  const checkedAt = Date.now() - 7_200_000;
  const used = { enabled: true, checkedAt };
  providers.put("hetzner", { ...used, weight: 40, secrets: ["token"] });
  providers.put("digitalocean", { ...used, weight: 20, secrets: ["token"] });
  providers.put("hostinger", { ...used, weight: 5, secrets: ["token"] });
  providers.put("upcloud", {
    ...used,
    weight: 10,
    credentials: { username: "a-rather-long-name-of-a-sub-account" },
    problem: {
      code: "provider_credentials",
      message: "UpCloud does not take the credentials: Authentication failed using the given username and password",
      hint: "Put others in on the page Providers, or over the API.",
    },
  });
}
