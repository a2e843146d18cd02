import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { NewScrapeToken } from "./api/scrape-token.ts";
import { Timestamp } from "./names.ts";

/** As it is stored. */
export const StoredScrapeToken = z.object({ hash: z.string(), createdAt: Timestamp });
export type StoredScrapeToken = z.output<typeof StoredScrapeToken>;

const digest = (token: string) => createHash("sha256").update(token).digest();

/** @param random 32 random bytes: so many that their hash alone reveals nothing, however fast it is. */
export function makeScrapeToken(random: Uint8Array, createdAt: number) {
  const token = `wopr_scrape_${Buffer.from(random).toString("base64url")}`;
  const stored: StoredScrapeToken = { hash: digest(token).toString("base64url"), createdAt };
  const made: NewScrapeToken = { token, createdAt };
  return { stored, made };
}

/** Whether it is the one of that hash; takes as long for any other one. */
export function isScrapeToken(stored: StoredScrapeToken | undefined, token: string): boolean {
  if (stored === undefined) return false;
  const wanted = Buffer.from(stored.hash, "base64url");
  const given = digest(token);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

/** The token of an `Authorization: Bearer` header (RFC 6750). */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [scheme, token] = (authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" ? token : undefined;
}
