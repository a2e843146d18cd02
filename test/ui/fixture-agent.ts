import { Hono } from "hono";
import { z } from "zod";
import { BeaconClaims } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { FixtureAlerting } from "./fixture-alerting.ts";
import type { FixtureBeacon } from "./fixture-beacon.ts";
import { type Served, serveFixture } from "./fixture-hub.ts";
import { answer, beaconRoutes } from "./fixture-routes.ts";
import { FixtureScrapeToken } from "./fixture-settings.ts";

export interface FixtureAgent extends Served {
  signedIn: boolean;
  /** What was posted to sign in with. */
  readonly codes: string[];
  role: "owner" | "member";
  readonly scrapeToken: FixtureScrapeToken;
  /** Whose channels are the owner's. */
  readonly alerting: FixtureAlerting;
}

/** The dashboard's pages and the API of one beacon in memory. */
export async function startFixtureAgent(pages: string, beacon: FixtureBeacon): Promise<FixtureAgent> {
  const codes: string[] = [];
  const scrapeToken = new FixtureScrapeToken();
  const alerting = new FixtureAlerting([beacon]);
  const state: Pick<FixtureAgent, "signedIn" | "role" | "codes" | "scrapeToken" | "alerting"> = {
    signedIn: true,
    role: "owner",
    codes,
    scrapeToken,
    alerting,
  };
  const cuts = new Set<() => void>();
  const api = new Hono()
    .get("/hub", (c) => answer(c, z.object({ url: z.string() }), { url: "https://hub.example" }))
    .use(async (_c, next) => {
      if (!state.signedIn) throw new Problem("not_signed_in", "you are not signed in to this beacon");
      await next();
    })
    .get("/me", (c) =>
      answer(c, BeaconClaims.pick({ email: true, role: true }), { email: "ada@example.org", role: state.role }),
    )
    .route("/", scrapeToken.routes())
    .route("/", alerting.channelRoutes())
    .route(
      "/",
      beaconRoutes(() => beacon, cuts, "ada@example.org"),
    );
  const session = new Hono().post("/session", async (c) => {
    const { token } = z.object({ token: z.string() }).parse(await c.req.parseBody());
    state.codes.push(token);
    if (token !== "login_right") throw new Problem("not_signed_in", "this sign-in code was used already");
    state.signedIn = true;
    return c.redirect("/", 303);
  });
  return Object.assign(state, await serveFixture({ pages, api, session, cuts }));
}
