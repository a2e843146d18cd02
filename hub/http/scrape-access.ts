import { randomBytes } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { bearerToken, isScrapeToken, makeScrapeToken, StoredScrapeToken } from "#shared/scrape-token.ts";
import type { SettingStore } from "../store/settings.ts";
import type { HubEnv } from "./env.ts";

const KEY = "scrape-token";

/** Who may read `/metrics` without being signed in. */
export interface ScrapeTokens {
  view(): Promise<ScrapeTokenView>;
  /** The one before is no longer valid. */
  make(actor: string): Promise<NewScrapeToken>;
  remove(actor: string): Promise<void>;
  /** Lets in who shows the token, and whoever `otherwise` does. */
  guard(otherwise: MiddlewareHandler): MiddlewareHandler;
}

export function createScrapeTokens(settings: SettingStore, now: () => number): ScrapeTokens {
  const stored = async () => {
    const text = await settings.get(KEY);
    return text === undefined ? undefined : StoredScrapeToken.parse(JSON.parse(text));
  };
  const told = (actor: string, verb: string) => ({
    at: now(),
    line: { actor, action: `scrape-token.${verb}`, subject: "metrics" },
  });
  return {
    view: async () => {
      const token = await stored();
      return token === undefined ? {} : { createdAt: token.createdAt };
    },
    make: async (actor) => {
      const { stored: kept, made } = makeScrapeToken(randomBytes(32), now());
      await settings.put(KEY, JSON.stringify(kept), told(actor, "make"));
      return made;
    },
    remove: (actor) => settings.remove(KEY, told(actor, "remove")),
    guard: (otherwise) =>
      createMiddleware<HubEnv>(async (c, next) => {
        const given = bearerToken(c.req.header("authorization"));
        if (given !== undefined && isScrapeToken(await stored(), given)) return next();
        return otherwise(c, next);
      }),
  };
}
