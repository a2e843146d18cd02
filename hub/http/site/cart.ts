import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { HubEnv } from "../env.ts";

const COOKIE = "wopr-cart";
const DAY_S = 86_400;

/** What a buyer's browser shows to be the buyer's, if it has been given it. */
export function cartOf(c: Context<HubEnv>): string | undefined {
  const cart = getCookie(c, COOKIE);
  return cart !== undefined && /^[\w-]{22}$/.test(cart) ? cart : undefined;
}

/** Gives it, if it has not been given: with it the same form sent twice is one order. */
export function ensureCart(c: Context<HubEnv>, origin: string): string {
  const known = cartOf(c);
  if (known !== undefined) return known;
  const cart = randomBytes(16).toString("base64url");
  setCookie(c, COOKIE, cart, {
    httpOnly: true,
    sameSite: "Lax",
    secure: origin.startsWith("https:"),
    path: "/",
    maxAge: 30 * DAY_S,
  });
  return cart;
}
