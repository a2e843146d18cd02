import type { z } from "zod";
import { Problem, ProblemBody } from "#shared/problem.ts";

/** As much of a `Response` as is read here; Hono's typed client gives one too. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  text(): Promise<string>;
}

/**
 * Waits for an answer and parses it once.
 * @throws {Problem} the server's own, or `unavailable` when it cannot be reached.
 */
export async function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  answer: Promise<Answer>,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await readBody(answer));
  if (parsed.success) return parsed.data;
  throw new Problem("internal", "the answer of the server is not understood", {
    hint: "This page may be older than the server. Reload it.",
    details: { issues: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) },
  });
}

async function readBody(answer: Promise<Answer>): Promise<unknown> {
  const { response, text } = await receive(answer);
  const body = parseJson(text);
  if (response.ok) return body;
  throw problemOf(response, body);
}

async function receive(answer: Promise<Answer>) {
  try {
    const response = await answer;
    return { response, text: await response.text() };
  } catch (cause) {
    throw new Problem("unavailable", "the server cannot be reached", {
      hint: "Check your connection and try again.",
      cause,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Anything that is not ours, for example of a proxy on the way, is told by its status. */
function problemOf({ status, statusText }: Answer, body: unknown): Problem {
  const problem = ProblemBody.safeParse(body);
  if (problem.success) return Problem.from(problem.data);
  const message = `the server answered ${status} ${statusText}`.trim();
  if (status === 401) return new Problem("not_signed_in", message);
  if (status === 403) return new Problem("forbidden", message);
  if (status === 404) return new Problem("not_found", message);
  if (status === 429) return new Problem("too_many_requests", message, { hint: "Wait a minute." });
  if (status >= 502 && status <= 504) {
    return new Problem("unavailable", "the server is not ready", { hint: "Try again in a moment." });
  }
  return new Problem(status < 500 ? "invalid_input" : "internal", message);
}
