import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { Person } from "#shared/api/trust.ts";
import { isOwnedBy } from "../../fleet/fleet.ts";
import { createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const PersonParams = z.object({ email: z.email() });
const ended = { 204: { description: "What they were given lets nobody in any more" } };

/** Who has an account, and whose sessions are over. */
export const createPeopleRoutes = ({ guards, accounts, beacons, people }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/me/sessions/end",
        tags: ["accounts"],
        summary: "Sign yourself out everywhere, on all beacons too",
        middleware: guards.user,
        responses: ended,
      }),
      async (c) => {
        const { id, email } = c.var.user;
        await accounts.endSessions(id);
        await people.revoke(id, { actor: email, action: "sessions.end", subject: id });
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/people",
        tags: ["accounts"],
        summary: "Everybody who has an account, with the beacons that are theirs",
        middleware: guards.operator,
        responses: { 200: json(z.object({ people: z.array(Person) }), "By address") },
      }),
      async (c) => {
        const all = await beacons.list();
        const people = (await accounts.list()).map((person) => ({
          ...person,
          beacons: all.filter((beacon) => isOwnedBy(beacon, person)).map(({ name }) => name),
        }));
        return c.json({ people }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/people/{email}/sessions/end",
        tags: ["accounts"],
        summary: "Sign somebody out everywhere, on all beacons too",
        middleware: guards.operator,
        request: { params: PersonParams },
        responses: ended,
      }),
      async (c) => {
        const { id, email } = await accounts.byEmail(c.req.valid("param").email);
        await accounts.endSessions(id);
        await people.revoke(id, { actor: c.var.user.email, action: "sessions.end", subject: id, details: { email } });
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/people/{email}",
        tags: ["accounts"],
        summary: "Remove an account, and end its sessions here and on all beacons",
        middleware: guards.operator,
        request: { params: PersonParams },
        responses: ended,
      }),
      async (c) => {
        const { email } = c.req.valid("param");
        const id = await accounts.remove(email);
        await people.revoke(id, { actor: c.var.user.email, action: "person.remove", subject: id, details: { email } });
        return c.body(null, 204);
      },
    );
