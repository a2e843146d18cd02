import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { ProviderInput, ProvidersView, ProviderView } from "#shared/api/providers.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const ProviderParams = z.object({ provider: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/) });

/** The accounts at those who rent out VPSs. Secrets go in and never come out. */
export const createProviderRoutes = ({ guards, providers, audit }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/providers",
        tags: ["providers"],
        summary: "The providers, what each has to be told, and how each is used",
        middleware: guards.operator,
        responses: { 200: json(ProvidersView, "All that there are, by name") },
      }),
      async (c) => c.json({ providers: await providers.view() }, 200),
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/providers/{provider}",
        tags: ["providers"],
        summary: "Change how a provider is used. Secrets that are left out stay as they are",
        middleware: guards.operator,
        request: { params: ProviderParams, body: body(ProviderInput) },
        responses: { 200: json(ProviderView, "The provider") },
      }),
      async (c) => {
        const { provider } = c.req.valid("param");
        return c.json(await providers.change(provider, c.req.valid("json"), c.var.user.email), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/providers/{provider}/check",
        tags: ["providers"],
        summary: "Ask the provider now whether the credentials are good; a problem stands in the answer",
        middleware: guards.operator,
        request: { params: ProviderParams },
        responses: { 200: json(ProviderView, "The provider, with what it said") },
      }),
      async (c) => {
        const { provider: subject } = c.req.valid("param");
        const view = await providers.check(subject);
        const details = view.problem === undefined ? {} : { problem: view.problem.code };
        await audit.write({ actor: c.var.user.email, action: "provider.check", subject, details });
        return c.json(view, 200);
      },
    );
