import { z } from "zod";
import { hashOf } from "../hash.ts";
import { type InstanceRoutes, isServed } from "./route.ts";

/** What of a configuration is looked at; anything may be missing in one that is not ours. */
const LiveConfig = z.object({
  apps: z.object({
    http: z.object({ servers: z.object({ https: z.object({ routes: z.array(z.unknown()) }) }) }),
  }),
});

/** A route of ours as it comes back from Caddy. */
const LiveRoute = z.looseObject({ "@id": z.string().regex(/^[a-z0-9-]+\.\d+\.[0-9a-f]{64}$/) });

/** Stands for routes that are not as they should be; equals no hash. */
const UNSETTLED = "unsettled";

/**
 * Hash of the routes by instance, for all that a running Caddy serves and all that is wanted: `unsettled` unless they
 * are the same.
 */
export function liveRoutes(config: unknown, wanted: readonly InstanceRoutes[]): Record<string, string> {
  const { data } = LiveConfig.safeParse(config);
  const live = Map.groupBy(
    (data?.apps.http.servers.https.routes ?? []).flatMap((route) => LiveRoute.safeParse(route).data ?? []),
    (route) => route["@id"].split(".")[0] ?? "",
  );
  return Object.fromEntries([
    ...[...live.keys()].map((instance) => [instance, UNSETTLED]),
    ...wanted.map((instance) => [
      instance.instance,
      isServed(instance, live.get(instance.instance) ?? []) ? hashOf(instance.routes) : UNSETTLED,
    ]),
  ]);
}
