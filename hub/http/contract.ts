import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { Id } from "#shared/names.ts";
import { Problem, ProblemBody } from "#shared/problem.ts";
import type { HubEnv } from "./env.ts";

/** A body of JSON in an answer. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/** A body of JSON in a request. */
export const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const events = (description: string) => ({
  description,
  content: { "text/event-stream": { schema: z.string() } },
});

/** What a problem looks like over HTTP: RFC 9457, and our code, hint and details with it. */
export const ProblemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  instance: z.string(),
  ...ProblemBody.shape,
});

export const BeaconParams = z.object({ beacon: Id });

/** An app for some routes: what does not fit a route's schema is thrown as `invalid_input`. */
export const createRoutes = () =>
  new OpenAPIHono<HubEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const { issues } = result.error;
      const text = issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`).join("; ");
      throw new Problem("invalid_input", `the ${partNames[result.target]} is not valid: ${text}`, {
        details: { issues: issues.map(({ path, message }) => ({ path: path.join("."), expected: message })) },
      });
    },
  });

const partNames = {
  json: "body",
  form: "form",
  query: "query",
  param: "path",
  header: "header",
  cookie: "cookie",
} as const;

/** What cannot be taken back is confirmed by the name of the beacon. @throws {Problem} `invalid_input` */
export function assertConfirmed(given: string, name: string): void {
  if (given === name) return;
  throw new Problem("invalid_input", `this is confirmed by the name of the beacon, which is ${name}`, {
    hint: `Send { "confirm": "${name}" }.`,
  });
}
