import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import type { BeaconClaims } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { bearerToken } from "#shared/scrape-token.ts";
import type { Sessions } from "../sessions.ts";
import type { ApiEnv } from "./contract.ts";
import type { VerifyToken } from "./tokens.ts";

/** Sent as `__Host-wopr`: https only, and not to other hosts (RFC 6265bis section 4.1.3.2). */
const COOKIE = "wopr";
const cookieOptions = { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

/** How a request shows who it comes from. It depends on the socket it came in by, never on what it says of itself. */
export type Access = (c: Context<ApiEnv>) => Promise<BeaconClaims>;

/** Who came by the socket that only root can open. */
export const ROOT = "root";

/** Behind the socket that only root can open. */
export const rootAccess: Access = async () => ({ sub: ROOT, email: "root", role: "owner" });

/**
 * Anybody else: a token of the hub, or the session of a browser that came with one. Where a request comes from, and what
 * a proxy says of that, means nothing.
 */
export const personAccess =
  (verifyToken: VerifyToken, sessions: Sessions): Access =>
  async (c) => {
    const token = bearerToken(c.req.header("authorization"));
    if (token !== undefined) return await verifyToken(token);
    const secret = readSession(c);
    const person = secret === undefined ? undefined : sessions.find(secret);
    if (person === undefined) {
      throw new Problem("not_signed_in", "you are not signed in to this beacon", { hint: "Open it from the hub." });
    }
    assertSameOrigin(c);
    return person;
  };

const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/**
 * A browser sends the cookie with requests that other sites make; it also says so, which scripts cannot change
 * (https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site).
 */
function assertSameOrigin(c: Context) {
  if (SAFE.includes(c.req.method)) return;
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  if (site === "same-origin" || (site === undefined && origin !== undefined && sameHost(origin, c))) return;
  throw new Problem("forbidden", "the request comes from another site", { hint: "Use the beacon's own pages." });
}

const sameHost = (origin: string, c: Context) => URL.parse(origin)?.host === c.req.header("host");

/** Lets nobody in who does not show who it is. */
export const requirePerson = (access: Access): MiddlewareHandler<ApiEnv> =>
  createMiddleware<ApiEnv>(async (c, next) => {
    c.set("person", await access(c));
    await next();
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
  });

/** Members look; what changes the beacon is for those who answer for it. */
export const requireOwner: MiddlewareHandler<ApiEnv> = createMiddleware<ApiEnv>(async (c, next) => {
  if (c.var.person.role === "member") {
    throw new Problem("forbidden", "only the owner of this beacon may change it", { hint: "Ask the owner." });
  }
  await next();
});

export const readSession = (c: Context): string | undefined => getCookie(c, COOKIE, "host");

export function startSession(c: Context, { secret, lifetimeMs }: ReturnType<Sessions["create"]>): void {
  setCookie(c, COOKIE, secret, { ...cookieOptions, maxAge: Math.floor(lifetimeMs / 1000) });
}

export function endSession(c: Context, sessions: Sessions): void {
  const secret = readSession(c);
  if (secret !== undefined) sessions.end(secret);
  deleteCookie(c, COOKIE, cookieOptions);
}
