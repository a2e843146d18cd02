import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { Problem, ProblemBody } from "#shared/problem.ts";
import type { Log } from "../log.ts";

/** A problem over HTTP: RFC 9457, with our own code, hint and details. */
export const ProblemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  ...ProblemBody.shape,
});

/** The one place where what was thrown becomes an answer. */
export const createErrorHandler =
  (log: Log): ErrorHandler =>
  (error, c) => {
    const problem = problemOf(error);
    const entry = { method: c.req.method, path: c.req.path, problem, cause: problem.cause };
    if (problem.status >= 500) log.error(entry, "a request failed");
    else log.debug(entry, "a request was refused");
    return problemResponse(c, problem);
  };

export const notFound: NotFoundHandler = (c) =>
  problemResponse(c, new Problem("not_found", `there is nothing at ${c.req.method} ${c.req.path}`));

function problemResponse(c: Context, problem: Problem): Response {
  const details: z.output<typeof ProblemDetails> = {
    type: `urn:wopr:problem:${problem.code}`,
    title: problem.code.replaceAll("_", " "),
    status: problem.status,
    detail: problem.message,
    ...problem.toJSON(),
  };
  return c.body(JSON.stringify(details), problem.status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(problem.status === 401 ? { "www-authenticate": "Bearer" } : {}),
  });
}

/** Hono itself throws for a body that is not JSON. */
function problemOf(error: Error): Problem {
  if (!(error instanceof HTTPException) || error.status >= 500) return Problem.wrap(error);
  return new Problem("invalid_input", "the request is not well-formed", {
    hint: "Send JSON with the content type application/json.",
    cause: error,
  });
}
