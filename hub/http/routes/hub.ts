import { createRoute } from "@hono/zod-openapi";
import { HubInfo } from "#shared/api/hub.ts";
import { createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What the hub says of itself. */
export const createHubRoutes = ({ guards, info }: HttpParts) =>
  createRoutes().openapi(
    createRoute({
      method: "get",
      path: "/hub",
      tags: ["hub"],
      summary: "Under which domain beacons live here, and which version this is",
      middleware: guards.user,
      responses: { 200: json(HubInfo, "The hub") },
    }),
    (c) => c.json(info, 200),
  );
