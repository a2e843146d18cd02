import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import type { HubEnv } from "./env.ts";

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>WOPR</title>
<h1>The hub is running</h1>
<p>Its pages are not built yet: run <code>npm run build</code> and reload.</p>
<p>The API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>`;

/** The console's pages from the folder they were built into; any path that is no file is a page of the one application. */
export function createPages(directory: string): Hono<HubEnv> {
  const index = join(directory, "index.html");
  if (!existsSync(index)) return new Hono<HubEnv>().get("*", pagesOnly, (c) => c.html(NOT_BUILT));
  return new Hono<HubEnv>()
    .get("/assets/*", cached("public, max-age=31536000, immutable"), serveStatic({ root: directory }))
    .get("*", pagesOnly, cached("no-cache"), serveStatic({ root: directory }), serveStatic({ path: index }));
}

/** Where the console's pages begin, besides `/`. */
export const consolePaths = [
  "/sign-in",
  "/beacons",
  "/jobs",
  "/sales",
  "/billing",
  "/providers",
  "/alerts",
  "/audit",
  "/settings",
  "/assets",
] as const;

const notPages = ["/api/", "/.well-known/", "/assets/"];

/** What belongs to the API, or is a file that is gone, is not a page. */
const pagesOnly = createMiddleware<HubEnv>(async (c, next) => {
  return notPages.some((start) => c.req.path.startsWith(start)) ? c.notFound() : next();
});

/** Files under `assets/` have the hash of their content in their name. */
const cached = (policy: string) =>
  createMiddleware<HubEnv>(async (c, next) => {
    await next();
    if (c.res.ok) c.header("cache-control", policy);
  });
