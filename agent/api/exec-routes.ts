import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { type ExecItem, ExecRequest, ExecSession, type ExecWord, ExecWords } from "#shared/api/exec.ts";
import { Id } from "#shared/names.ts";
import { Problem } from "#shared/problem.ts";
import { requireOwner } from "./access.ts";
import type { ApiParts } from "./app.ts";
import { createRoutes, events, json, jsonBody, problem } from "./contract.ts";
import { eventsOf } from "./event-stream.ts";

const ListQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });

const open = createRoute({
  method: "post",
  path: "/exec",
  middleware: [requireOwner] as const,
  summary: "Run a program in a container of an instance, for example a shell",
  request: { body: jsonBody(ExecRequest) },
  responses: { 200: events("Events `opened`, `output`, `exit`, then `end`: see ExecItem"), default: problem },
});

const say = createRoute({
  method: "post",
  path: "/exec/{session}",
  middleware: [requireOwner] as const,
  summary: "Say something to a program that you have started: what was typed, a new size, what was shown",
  request: { params: z.object({ session: Id }), body: jsonBody(ExecWords) },
  responses: { 204: { description: "The program has taken it" }, default: problem },
});

const list = createRoute({
  method: "get",
  path: "/exec",
  middleware: [requireOwner] as const,
  summary: "Who ran what in which container, newest first",
  request: { query: ListQuery },
  responses: { 200: json(z.object({ sessions: z.array(ExecSession) }), "The sessions"), default: problem },
});

interface Opened {
  /** Who alone may speak to it. */
  readonly person: string;
  listen: (word: ExecWord) => Promise<void> | void;
}

/** Programs in containers. Opening one is a POST, so that no other site's page can have a browser do it. */
export function createExecRoutes({ exec, execSessions, newId }: Pick<ApiParts, "exec" | "execSessions" | "newId">) {
  const opened = new Map<string, Opened>();

  return createRoutes()
    .openapi(open, async (c) => {
      const { sub, email } = c.var.person;
      const mine: Opened = { person: sub, listen: () => undefined };
      const id = newId("exec");
      const leaving = new AbortController();
      const talk = {
        signal: leaving.signal,
        onWord: (listener: Opened["listen"]) => {
          mine.listen = listener;
        },
      };
      const items = exec({ id, actor: email, request: c.req.valid("json") }, talk);
      // What cannot be run is refused before anything is answered.
      const first = await items.next();
      opened.set(id, mine);
      return eventsOf(
        c,
        ({ type }: ExecItem) => type,
        async function* (gone) {
          gone.addEventListener("abort", () => leaving.abort(), { once: true });
          try {
            if (!first.done) yield first.value;
            yield* items;
          } finally {
            opened.delete(id);
          }
        },
      );
    })
    .openapi(say, async (c) => {
      const session = opened.get(c.req.valid("param").session);
      if (session === undefined || session.person !== c.var.person.sub) {
        throw new Problem("not_found", "this program has ended, or was not started by you");
      }
      for (const word of c.req.valid("json").words) await session.listen(word);
      return c.body(null, 204);
    })
    .openapi(list, (c) => c.json({ sessions: execSessions(c.req.valid("query").limit) }, 200));
}
