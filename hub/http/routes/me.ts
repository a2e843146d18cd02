import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { MyAccount } from "#shared/api/hub.ts";
import { MIN_PASSWORD_LENGTH } from "../../auth/auth.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const NewPassword = z.strictObject({ password: z.string().min(MIN_PASSWORD_LENGTH).max(128) });

/** Who is signed in. Signing in and out is under `/api/auth`. */
export const createMeRoutes = ({ guards, accounts, audit }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/me",
        tags: ["accounts"],
        summary: "Who is signed in",
        middleware: guards.user,
        responses: { 200: json(MyAccount, "The account") },
      }),
      async (c) => c.json({ ...c.var.user, hasPassword: await accounts.hasPassword(c.var.user.id) }, 200),
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/me/password",
        tags: ["accounts"],
        summary: "Set a first password, for an account that came by a link",
        middleware: guards.user,
        request: { body: body(NewPassword) },
        responses: { 200: json(MyAccount, "The account") },
      }),
      async (c) => {
        const { password } = c.req.valid("json");
        await accounts.setFirstPassword(c.var.user.id, password);
        await audit.write({ actor: c.var.user.email, action: "password.set", subject: c.var.user.id });
        return c.json({ ...c.var.user, hasPassword: true }, 200);
      },
    );
