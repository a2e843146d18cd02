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
  make(): Promise<NewScrapeToken>;
  remove(): Promise<void>;
  /** Lets in who shows the token, and whoever `otherwise` does. */
  guard(otherwise: MiddlewareHandler): MiddlewareHandler;
}

export function createScrapeTokens(settings: SettingStore, now: () => number): ScrapeTokens {
  const stored = async () => {
    const text = await settings.get(KEY);
    return text === undefined ? undefined : StoredScrapeToken.parse(JSON.parse(text));
  };
  return {
    view: async () => {
      const token = await stored();
      return token === undefined ? {} : { createdAt: token.createdAt };
    },
    make: async () => {
      const { stored: kept, made } = makeScrapeToken(randomBytes(32), now());
      await settings.put(KEY, JSON.stringify(kept));
      return made;
    },
    remove: () => settings.remove(KEY),
    guard: (otherwise) =>
      createMiddleware<HubEnv>(async (c, next) => {
        const given = bearerToken(c.req.header("authorization"));
        if (given !== undefined && isScrapeToken(await stored(), given)) return next();
        return otherwise(c, next);
      }),
  };
}
