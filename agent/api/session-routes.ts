import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { VISIT_PATH } from "#shared/api/hub.ts";
import type { Sessions } from "../sessions.ts";
import { endSession, requirePerson, startSession } from "./access.ts";
import type { ApiParts } from "./app.ts";
import { createRoutes } from "./contract.ts";

const Visit = z.object({ token: z.string().min(1).max(8192) });

const visit = createRoute({
  method: "post",
  path: VISIT_PATH,
  summary: "Come from the hub, or with a one-time code of root: the browser posts it and gets a session",
  request: { body: { required: true, content: { "application/x-www-form-urlencoded": { schema: Visit } } } },
  responses: { 303: { description: "Signed in; on to the pages" } },
});

const leave = createRoute({
  method: "post",
  path: "/session/end",
  summary: "Sign out of this beacon",
  responses: { 204: { description: "Signed out" } },
});

/** Where browsers come in and leave. */
export const createSessionRoutes = (
  parts: Pick<ApiParts, "access" | "verifyToken" | "trust"> & { sessions: Sessions },
) => {
  const routes = createRoutes();
  routes.use("/session/end", requirePerson(parts.access));
  return routes
    .openapi(visit, async (c) => {
      const { token } = c.req.valid("form");
      const { loginLinks } = parts.trust;
      const person = loginLinks.isCode(token) ? loginLinks.redeem(token) : await parts.verifyToken(token);
      startSession(c, parts.sessions.create(person));
      return c.redirect("/", 303);
    })
    .openapi(leave, (c) => {
      endSession(c, parts.sessions);
      return c.body(null, 204);
    });
};
