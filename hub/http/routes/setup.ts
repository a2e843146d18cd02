import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { Me } from "#shared/api/hub.ts";
import { MIN_PASSWORD_LENGTH } from "../../auth/auth.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const SetupState = z.object({ needed: z.boolean() });

const SetupBody = z.strictObject({
  /** From the file `setup-code` in the hub's data folder. */
  code: z.string().max(200),
  email: z.email().max(254),
  name: z.string().min(1).max(100),
  password: z.string().min(MIN_PASSWORD_LENGTH).max(128),
});

/** First start: who can read the hub's files becomes its operator. */
export const createSetupRoutes = ({ setup, auth, guards }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/setup",
        tags: ["setup"],
        summary: "Whether the hub waits for its operator",
        responses: { 200: json(SetupState, "Whether set-up is needed") },
      }),
      async (c) => c.json({ needed: await setup.isNeeded() }, 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/setup",
        tags: ["setup"],
        summary: "Make the operator's account, and sign in",
        middleware: guards.rate("setup", { windowMs: 60_000, max: 5 }),
        request: { body: body(SetupBody) },
        responses: { 201: json(Me, "The operator, with a session cookie") },
      }),
      async (c) => {
        const request = c.req.valid("json");
        const operator = await setup.complete(request);
        const { headers } = await auth.api.signInEmail({
          body: { email: request.email, password: request.password },
          returnHeaders: true,
        });
        for (const cookie of headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
        return c.json(operator, 201);
      },
    );
