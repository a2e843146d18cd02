import { existsSync, readdirSync } from "node:fs";
import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import type { Logger } from "pino";
import { Problem } from "#shared/problem.ts";
import type { Accounts } from "../../auth/accounts.ts";
import type { Setup } from "../../auth/setup.ts";
import type { Live } from "../../live.ts";
import type { Shop } from "../../shop/shop.ts";
import type { SiteText } from "../../shop/texts.ts";
import { renderPage, type Site } from "../../site/frame.ts";
import { bundlePage } from "../../site/pages/bundle.ts";
import { landingPage } from "../../site/pages/landing.ts";
import { pricingPage } from "../../site/pages/pricing.ts";
import { textPage } from "../../site/pages/text.ts";
import { notFoundPage, problemPage } from "../../site/pages/trouble.ts";
import type { HubEnv } from "../env.ts";
import type { EventStreamOptions } from "../event-stream.ts";
import type { Guards } from "../guards.ts";
import { consolePaths } from "../pages.ts";
import type { Asset } from "./assets.ts";
import { createOrderPages } from "./order-routes.ts";

export interface SiteParts {
  readonly shop: Shop;
  readonly site: Site;
  readonly texts: readonly SiteText[];
  readonly assets: readonly Asset[];
  /** Folder of the console's pages, which lie behind the site. */
  readonly pagesDirectory: string;
  readonly accounts: Pick<Accounts, "signedIn">;
  readonly setup: Pick<Setup, "isNeeded">;
  readonly guards: Pick<Guards, "rate">;
  readonly live: Pick<Live, "subscribe">;
  readonly streamTimes: Pick<EventStreamOptions, "lifeMs" | "graceMs">;
  readonly log: Logger;
}

/**
 * The public site. `/` is the site's for strangers, and the console's for whoever is signed in or has to set the hub up; the console's
 * other pages stay where they are. What is neither is not there, for strangers.
 */
export function createSite(parts: SiteParts): Hono<HubEnv> {
  const { shop, site, texts, assets, pagesDirectory, accounts, setup, log } = parts;
  const { stock } = shop;
  const files = existsSync(pagesDirectory) ? readdirSync(pagesDirectory).map((name) => `/${name}`) : [];
  const app = new Hono<HubEnv>();

  app.onError((error, c) => {
    const problem = Problem.wrap(error);
    const entry = { requestId: c.var.requestId, method: c.req.method, path: c.req.path, problem, cause: problem.cause };
    if (problem.status >= 500) log.error(entry, "a request to the site failed");
    else log.info(entry, "a request to the site was refused");
    const page = problem.code === "not_found" ? notFoundPage() : problemPage(problem);
    return c.html(renderPage(site, page), problem.status);
  });

  // A server-sent event must not wait for others to be compressed with.
  for (const path of ["/", "/pricing", "/bundles/*", "/sign-up", "/site/*", ...texts.map(({ path }) => path)]) {
    app.use(path, compress());
  }
  for (const { path, type, content, isHashed } of assets) {
    const policy = isHashed ? "public, max-age=31536000, immutable" : "public, max-age=3600";
    app.get(path, (c) => c.body(content, 200, { "content-type": type, "cache-control": policy }));
  }

  app.get("/", async (c, next) => {
    c.header("vary", "cookie");
    if ((await isConsoles(c)) || (await setup.isNeeded())) return next();
    c.header("cache-control", "no-cache");
    return c.html(renderPage(site, landingPage(site, stock)));
  });
  app.get("/pricing", (c) => c.html(renderPage(site, pricingPage(site, stock))));
  app.get("/bundles/:bundle", (c) => {
    const bundle = stock.catalog.bundles.find(({ id }) => id === c.req.param("bundle"));
    if (bundle === undefined) throw new Problem("not_found", `there is no bundle ${c.req.param("bundle")}`);
    return c.html(renderPage(site, bundlePage(site, stock, bundle)));
  });
  for (const text of texts) app.get(text.path, (c) => c.html(renderPage(site, textPage(site, text))));
  app.get("/robots.txt", (c) =>
    c.text(
      `User-agent: *\nDisallow: /api/\nDisallow: /order\nDisallow: /sign-up\nSitemap: ${site.origin}/sitemap.xml\n`,
    ),
  );
  app.get("/sitemap.xml", (c) => c.body(sitemap(), 200, { "content-type": "application/xml" }));
  app.route("/", createOrderPages(parts));

  app.get("*", async (c, next) => {
    const { path } = c.req;
    // What the console has of `/` was passed on above.
    const isOurs = path !== "/" && !files.includes(path);
    if (!isOurs || consolePaths.some((start) => path === start || path.startsWith(`${start}/`))) return next();
    if (await isConsoles(c)) return next();
    throw new Problem("not_found", `there is nothing at ${path}`);
  });
  return app;

  /** Whoever is signed in is at home in the console. */
  async function isConsoles(c: Context<HubEnv>): Promise<boolean> {
    return c.req.header("cookie") !== undefined && (await accounts.signedIn(c.req.raw.headers)) !== undefined;
  }

  /** https://www.sitemaps.org/protocol.html */
  function sitemap(): string {
    const bundles = stock.catalog.bundles.map(({ id }) => `/bundles/${id}`);
    const paths = ["/", "/pricing", ...bundles, ...texts.map(({ path }) => path)];
    const urls = paths.map((path) => `<url><loc>${site.origin}${path}</loc></url>`).join("");
    return `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls}</urlset>`;
  }
}
