import { createMiddleware } from "hono/factory";
import { Problem } from "#shared/problem.ts";
import type { HubEnv } from "./env.ts";

const reading = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses changes that another site's page asks for. Browsers say where a request comes from by `Origin`, and by
 * `Sec-Fetch-Site` where there is none (https://www.w3.org/TR/fetch-metadata/); other clients say neither and hold no
 * cookie that a page could use.
 */
export const sameOrigin = (origin: string) =>
  createMiddleware<HubEnv>(async (c, next) => {
    if (!reading.has(c.req.method) && !isOurs(c.req.header("origin"), c.req.header("sec-fetch-site"), origin)) {
      throw new Problem("forbidden", "this request comes from the page of another site", {
        hint: `Open the hub at ${origin}.`,
      });
    }
    await next();
  });

const isOurs = (from: string | undefined, site: string | undefined, origin: string) =>
  from === undefined ? site === undefined || site === "same-origin" || site === "none" : from === origin;
