import { createRoute } from "@hono/zod-openapi";
import { type ExecItem, ExecRequest, ExecWords } from "#shared/api/exec.ts";
import { Id } from "#shared/names.ts";
import { BeaconParams, body, createRoutes, events } from "../contract.ts";
import { eventsOf } from "../event-stream.ts";
import type { HttpParts } from "../parts.ts";

/** Programs in containers of a beacon: `shared/api/beacon.ts` is the contract. */
export const createExecRoutes = ({ guards, execSessions }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/exec",
        tags: ["beacon"],
        summary: "Run a program in a container: events `opened`, `output`, `exit` (see ExecItem), then `end`",
        middleware: guards.beacon,
        request: { params: BeaconParams, body: body(ExecRequest) },
        responses: { 200: events("What the program writes") },
      }),
      async (c) => {
        const { beacon, user } = c.var;
        const leaving = new AbortController();
        const order = { beacon: beacon.id, user, request: c.req.valid("json") };
        const items = execSessions.open(order, leaving.signal);
        // What cannot be run is refused before anything is answered.
        const first = await items.next();
        return eventsOf(
          c,
          ({ type }: ExecItem) => type,
          async function* (gone) {
            gone.addEventListener("abort", () => leaving.abort(), { once: true });
            if (!first.done) yield first.value;
            yield* items;
          },
        );
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/exec/{session}",
        tags: ["beacon"],
        summary: "Say something to a program that you have started: what was typed, a new size, what was shown",
        middleware: guards.beacon,
        request: { params: BeaconParams.extend({ session: Id }), body: body(ExecWords) },
        responses: { 204: { description: "It is on its way" } },
      }),
      (c) => {
        const { beacon, user } = c.var;
        execSessions.tell(c.req.valid("param").session, { beacon: beacon.id, user }, c.req.valid("json").words);
        return c.body(null, 204);
      },
    );
