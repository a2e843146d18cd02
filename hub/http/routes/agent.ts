import { createRoute } from "@hono/zod-openapi";
import { Enrolment, EnrolmentRequest } from "#shared/api/hub.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What agents ask for over plain HTTP; all else goes over their link. */
export const createAgentRoutes = ({ guards, enrolments }: HttpParts) =>
  createRoutes().openapi(
    createRoute({
      method: "post",
      path: "/agent/enrol",
      tags: ["agent"],
      summary: "Trade a one-time token and a public key for the identity of a beacon's agent",
      middleware: guards.rate("enrol", { windowMs: 60_000, max: 30 }),
      request: { body: body(EnrolmentRequest) },
      responses: { 200: json(Enrolment, "The identity") },
    }),
    async (c) => c.json(await enrolments.redeem(c.req.valid("json")), 200),
  );
