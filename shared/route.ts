import { z } from "zod";
import { HostName } from "./names.ts";

/** Beginning of a path on whole segments, `/` for everything: `/api` covers `/api` and `/api/users`, not `/apis`. */
export const RoutePath = z
  .string()
  .max(200)
  .regex(
    /^\/([A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*)?$/,
    "expected a path such as / or /api, without a slash at its end",
  );

/** One way from outside to a container: Caddy serves `host` + `path` and passes it to `alias:port` on the edge network. */
export const Route = z.object({
  host: HostName,
  path: RoutePath,
  /** Network alias of the container. It stays when the container is replaced, so that Caddy's config does too. */
  alias: z.string(),
  port: z.number().int().min(1).max(65535),
  /** Largest request body in bytes, without a limit when absent. */
  maxBodyBytes: z.number().int().positive().optional(),
});
export type Route = z.output<typeof Route>;
