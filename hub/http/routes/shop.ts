import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { BundleStock, NameAvailability } from "#shared/api/shop.ts";
import { Problem } from "#shared/problem.ts";
import { parseBeaconName } from "../../shop/sign-up.ts";
import { createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const NameParams = z.object({ name: z.string().max(300) });

/** What the shop tells besides its pages. */
export function createShopRoutes({ guards, shop }: HttpParts) {
  const opened = () => {
    if (shop !== undefined) return shop;
    throw new Problem("not_found", "this hub has no shop", { hint: "Add shop to its configuration." });
  };
  return createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/names/{name}",
        tags: ["shop"],
        summary: "Whether a beacon may be called so at this moment",
        middleware: guards.rate("names", { windowMs: 60_000, max: 60 }),
        request: { params: NameParams },
        responses: { 200: json(NameAvailability, "Free, or why not") },
      }),
      async (c) => {
        const parsed = parseBeaconName(c.req.valid("param").name);
        if ("wrong" in parsed) return c.json({ available: false, why: parsed.wrong }, 200);
        const problem = await opened().nameProblem(parsed.name);
        const why = problem === undefined ? {} : { why: problem.message };
        return c.json({ name: parsed.name, available: problem === undefined, ...why }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/bundles",
        tags: ["shop"],
        summary: "All bundles: which are sold, and what the others lack",
        middleware: guards.operator,
        responses: { 200: json(z.object({ bundles: z.array(BundleStock) }), "As the catalog has them") },
      }),
      async (c) => c.json({ bundles: [...opened().stock.states()] }, 200),
    );
}
