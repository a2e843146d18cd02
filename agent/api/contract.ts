import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { BeaconClaims } from "#shared/api/hub.ts";
import { describeIssues, Problem } from "#shared/problem.ts";
import { ProblemDetails } from "./problem-response.ts";

/** What every request to the API carries once it was let in. */
export interface ApiEnv {
  Variables: { person: BeaconClaims };
}

/** An app for some routes: what does not fit a route's schema is thrown as `invalid_input`. */
export const createRoutes = () =>
  new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const { issues } = result.error;
      throw new Problem("invalid_input", `the request is not valid: ${describeIssues(result.error)}`, {
        details: {
          in: result.target,
          issues: issues.map(({ path, message }) => ({ path: path.join("."), expected: message })),
        },
      });
    },
  });

/** A body of JSON in an answer. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/** What every route may answer instead. */
export const problem = {
  description: "It could not be done",
  content: { "application/problem+json": { schema: ProblemDetails } },
} as const;

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const events = (description: string) => ({
  description,
  content: { "text/event-stream": { schema: z.string() } },
});

/** A body of JSON in a request. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});
