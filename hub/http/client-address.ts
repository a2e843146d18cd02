import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";
import type { HubEnv } from "./env.ts";

/**
 * Address of the client. `X-Forwarded-For` is believed only as far as it was written by a trusted proxy: read from the
 * right, the first address that is not one of them.
 */
export function clientAddress(c: Context<HubEnv>, trustedProxies: readonly string[]): string {
  const peer = getConnInfo(c).remote.address ?? "unknown";
  if (!trustedProxies.includes(peer)) return peer;
  const forwarded = (c.req.header("x-forwarded-for") ?? "").split(",").map((address) => address.trim());
  return forwarded.reverse().find((address) => address !== "" && !trustedProxies.includes(address)) ?? peer;
}
