import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { NewEnrolmentToken } from "#shared/api/hub.ts";
import { KeysView } from "#shared/api/trust.ts";
import { keysView } from "../../trust/keys-view.ts";
import { assertConfirmed, BeaconParams, body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What cannot be taken back is confirmed by the name of the beacon. */
const Confirmed = z.strictObject({ confirm: z.string() });
const Key = z.object({ key: z.string() });
const done = { 204: { description: "Done" } };

/** Who speaks for a beacon, and under which keys the hub speaks. */
export const createTrustRoutes = ({ guards, trust, departures, tokenKeys, audit }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/revoke",
        tags: ["trust"],
        summary: "Shut the agent of a beacon out: its link ends at once. What runs on the beacon goes on",
        middleware: [guards.operator, guards.beacon] as const,
        request: { params: BeaconParams, body: body(Confirmed) },
        responses: done,
      }),
      async (c) => {
        const { beacon, user } = c.var;
        assertConfirmed(c.req.valid("json").confirm, beacon.name);
        await trust.revoke(beacon, user.email);
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/enrolment",
        tags: ["trust"],
        summary: "A one-time token, good for an hour on any server, with which another agent becomes this beacon's",
        middleware: [guards.operator, guards.beacon] as const,
        request: { params: BeaconParams },
        responses: { 201: json(NewEnrolmentToken, "Shown once") },
      }),
      async (c) => {
        c.header("cache-control", "no-store");
        return c.json(await trust.reissue(c.var.beacon, c.var.user.email), 201);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/leave",
        tags: ["trust"],
        summary: "Detach a beacon from this hub for good: what runs on it goes on, and the hub forgets it",
        middleware: guards.beacon,
        request: { params: BeaconParams, body: body(Confirmed) },
        responses: { 204: { description: "It leaves as soon as its agent is there" } },
      }),
      async (c) => {
        const { beacon, user } = c.var;
        assertConfirmed(c.req.valid("json").confirm, beacon.name);
        await departures.wish(beacon, user.email);
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/keys",
        tags: ["trust"],
        summary: "The key that signs what beacons do, and those before it that still count",
        middleware: guards.operator,
        responses: { 200: json(KeysView, "Their ids") },
      }),
      async (c) => c.json(await trust.signingKeys(), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/token-keys",
        tags: ["trust"],
        summary: "The key that signs the tokens with which people reach beacons, and those before it that still count",
        middleware: guards.operator,
        responses: { 200: json(KeysView, "Their ids") },
      }),
      (c) => {
        const ids = tokenKeys.all().map(({ id }) => id);
        const { id: active } = tokenKeys.active();
        return c.json(keysView({ active, ids, successions: tokenKeys.successions() }), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/keys/rotate",
        tags: ["trust"],
        summary: "Have another key sign what beacons do. Those that are away learn it when they come",
        middleware: guards.operator,
        responses: { 200: json(Key, "Its id") },
      }),
      async (c) => c.json({ key: await trust.rotateSigningKey(c.var.user.email) }, 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/token-keys/rotate",
        tags: ["trust"],
        summary: "Have another key sign the tokens with which people reach beacons",
        middleware: guards.operator,
        responses: { 200: json(Key, "Its id") },
      }),
      async (c) => {
        const key = tokenKeys.rotate();
        await audit.write({ actor: c.var.user.email, action: "hub.rotate-token-key", subject: key });
        return c.json({ key }, 200);
      },
    );
