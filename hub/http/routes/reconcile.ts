import { createRoute } from "@hono/zod-openapi";
import { ReconcileRequest, ReconcileView } from "#shared/api/reconcile.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What does not agree between Stripe, the providers and the hub's books. */
export const createReconcileRoutes = ({ guards, reconcile }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/reconcile",
        tags: ["reconcile"],
        summary: "What the last comparison of Stripe, providers and books has found",
        middleware: guards.operator,
        responses: { 200: json(ReconcileView, "What stands; what costs most comes first") },
      }),
      async (c) => c.json(await reconcile.view(), 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/reconcile",
        tags: ["reconcile"],
        summary: "Compare them now, and put right what is certain if that is wanted",
        middleware: guards.operator,
        request: { body: body(ReconcileRequest) },
        responses: { 200: json(ReconcileView, "What stands after it, and what was put right") },
      }),
      async (c) => c.json(await reconcile.run({ ...c.req.valid("json"), actor: c.var.user.email }), 200),
    );
