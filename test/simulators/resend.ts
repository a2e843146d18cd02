import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Arrived } from "#test/contracts/mailer.ts";
import { type Description, openContract } from "./contract.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

export interface Resend extends Simulator {
  readonly arrived: readonly Arrived[];
}

const Email = z.object({
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string().optional(),
  attachments: z.array(z.object({ filename: z.string(), content_type: z.string(), content: z.base64() })).default([]),
});

const KEPT_MS = 24 * 3_600_000;

/** No refusal is described with the operations, all of them elsewhere: https://resend.com/docs/api-reference/errors */
function describeRefusals({ paths }: Description) {
  const properties = { statusCode: { type: "integer" }, name: { type: "string" }, message: { type: "string" } };
  const schema = { type: "object", properties, required: ["statusCode", "name", "message"] };
  const refusal = { description: "refused", content: { "application/json": { schema } } };
  const item = paths["/emails"] ?? {};
  const operation = z.looseObject({ responses: z.looseObject({}) }).parse(item.post);
  paths["/emails"] = { ...item, post: { ...operation, responses: { ...operation.responses, "4XX": refusal } } };
}

/** Resend takes mails, each key of idempotency once in 24 hours. https://resend.com/docs/dashboard/emails/idempotency-keys */
export async function startResend(apiKey: string, now: () => number = Date.now): Promise<Resend> {
  const arrived: Arrived[] = [];
  const keys = new Map<string, { readonly body: string; readonly id: string; readonly at: number }>();
  const app = new Hono();
  app.post("/emails", async (c) => {
    if ((c.req.header("user-agent") ?? "") === "") return refuse(c, 403, "forbidden", "A user agent is required");
    if (c.req.header("authorization") !== `Bearer ${apiKey}`)
      return refuse(c, 403, "invalid_api_key", "API key is invalid");
    const body = await c.req.text();
    const key = c.req.header("idempotency-key") ?? "";
    const known = keys.get(key);
    if (known !== undefined && now() - known.at < KEPT_MS) {
      if (known.body === body) return c.json({ id: known.id });
      const said = "Same idempotency key used with a different request payload";
      return refuse(c, 409, "invalid_idempotent_request", said);
    }
    const email = Email.parse(JSON.parse(body));
    const wrong = email.to.find((address) => !z.email().safeParse(address).success);
    if (wrong !== undefined) {
      const said =
        "Invalid `to` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.";
      return refuse(c, 422, "validation_error", said);
    }
    const id = randomUUID();
    keys.set(key, { body, id, at: now() });
    const attachments = email.attachments.map(({ filename, content_type, content }) => ({
      ...{ filename, contentType: content_type },
      content: Buffer.from(content, "base64"),
    }));
    arrived.push({ ...email, html: email.html, attachments, messageId: undefined });
    return c.json({ id });
  });
  const simulator = await startSimulator({ contract: openContract("resend", describeRefusals), app });
  return Object.assign(simulator, { arrived });
}

const refuse = (c: Context, statusCode: 403 | 409 | 422, name: string, message: string) =>
  c.json({ statusCode, name, message }, statusCode);
