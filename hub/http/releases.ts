import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono, type Next } from "hono";
import { Problem } from "#shared/problem.ts";
import { INSTALLER, type Releases } from "../releases/releases.ts";
import type { HubEnv } from "./env.ts";

/** What a new server fetches before anybody knows it: the installer, and the release that this checks by signature. */
export function createReleaseFiles(releases: Releases | undefined): Hono<HubEnv> {
  const send = async (c: Context<HubEnv>, next: Next, name: string) => {
    const path = await releases?.pathOf(name);
    if (path === undefined) throw notOffered(name);
    const found = await serveStatic({ path })(c, next);
    if (!(found instanceof Response)) throw notOffered(name);
    // The next release has some of the same names.
    found.headers.set("cache-control", "no-cache");
    return found;
  };
  return new Hono<HubEnv>()
    .get("/install.sh", (c, next) => send(c, next, INSTALLER))
    .get("/releases/:name", (c, next) => send(c, next, c.req.param("name")));
}

const notOffered = (name: string) =>
  new Problem("not_found", `this hub offers no file ${name}`, {
    hint: "What it offers is in /releases/manifest; where that is not there either, its operator has set up no releases.",
  });
