import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { ModuleSummary } from "#shared/api/beacon.ts";
import { moduleSummary } from "#shared/modules/read.ts";
import { createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What this hub offers. */
export const createModuleRoutes = ({ catalog }: HttpParts) =>
  createRoutes().openapi(
    createRoute({
      method: "get",
      path: "/modules",
      tags: ["catalog"],
      summary: "The modules that this hub offers",
      responses: { 200: json(z.object({ modules: z.array(ModuleSummary) }), "The catalog") },
    }),
    (c) => c.json({ modules: [...catalog.values()].map(moduleSummary) }, 200),
  );
