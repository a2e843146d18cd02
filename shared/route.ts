import { z } from "zod";
import { HostName } from "./names.ts";

/** One way from outside to a container: Caddy serves `host` + `path` and passes it to `alias:port` on the edge network. */
export const Route = z.object({
  host: HostName,
  /** Prefix of the path, `/` for everything. */
  path: z.string().startsWith("/"),
  /** Network alias of the container. It stays when the container is replaced, so that Caddy's config does too. */
  alias: z.string(),
  port: z.number().int().min(1).max(65535),
  /** Largest request body in bytes, without a limit when absent. */
  maxBodyBytes: z.number().int().positive().optional(),
});
export type Route = z.output<typeof Route>;
