import { Hono } from "hono";
import { z } from "zod";
import { BeaconClaims } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { FixtureBeacon } from "./fixture-beacon.ts";
import { type Served, serveFixture } from "./fixture-hub.ts";
import { answer, beaconRoutes } from "./fixture-routes.ts";

export interface FixtureAgent extends Served {
  signedIn: boolean;
}

/** The dashboard's pages and the API of one beacon in memory. */
export async function startFixtureAgent(pages: string, beacon: FixtureBeacon): Promise<FixtureAgent> {
  const state = { signedIn: true };
  const cuts = new Set<() => void>();
  const api = new Hono()
    .get("/hub", (c) => answer(c, z.object({ url: z.string() }), { url: "https://hub.example" }))
    .use(async (_c, next) => {
      if (!state.signedIn) throw new Problem("not_signed_in", "you are not signed in to this beacon");
      await next();
    })
    .get("/me", (c) =>
      answer(c, BeaconClaims.pick({ email: true, role: true }), { email: "ada@example.org", role: "owner" }),
    )
    .route(
      "/",
      beaconRoutes(() => beacon, cuts, "ada@example.org"),
    );
  return Object.assign(state, await serveFixture({ pages, api, cuts }));
}
