import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import { Problem } from "#shared/problem.ts";
import type { HubEnv } from "./env.ts";

/** The one place where what was thrown becomes an answer: problem+json (RFC 9457) with the id that is in the log. */
export const createErrorHandler =
  (log: Logger): ErrorHandler<HubEnv> =>
  (error, c) => {
    const problem = problemOf(error);
    const entry = { requestId: c.var.requestId, method: c.req.method, path: c.req.path, problem, cause: problem.cause };
    if (problem.status >= 500) log.error(entry, "a request failed");
    else log.info(entry, "a request was refused");
    return problemResponse(c, problem);
  };

export const notFound: NotFoundHandler<HubEnv> = (c) =>
  problemResponse(c, new Problem("not_found", `there is nothing at ${c.req.method} ${c.req.path}`));

export function problemResponse(c: Context<HubEnv>, problem: Problem): Response {
  const details = {
    type: `urn:wopr:problem:${problem.code}`,
    title: problem.message,
    status: problem.status,
    instance: `urn:wopr:request:${c.var.requestId}`,
    ...problem.toJSON(),
  };
  return c.body(JSON.stringify(details), problem.status, { "content-type": "application/problem+json" });
}

/** Hono itself throws for a body that is not JSON. */
function problemOf(error: Error): Problem {
  if (!(error instanceof HTTPException)) return Problem.wrap(error);
  if (error.status === 413) return new Problem("too_large", "the body is too large", { cause: error });
  if (error.status < 500) return new Problem("invalid_input", "the request is not well-formed", { cause: error });
  return Problem.wrap(error);
}
