import { Hono } from "hono";
import { ExecItem, ExecRequest, ExecWords } from "#shared/api/exec.ts";
import { parseOr } from "#shared/problem.ts";
import { eventAnswer, type Send } from "./fixture-events.ts";

const GREEN = "\u001b[32m";
const RGB = "\u001b[38;2;200;80;10m";
const RESET = "\u001b[0m";

/** A program that greets in colours, says each line back, and ends with the code that stands behind `exit`. */
export function terminalRoutes(cuts: Set<() => void>): Hono {
  const open = new Map<string, { send: Send; typed: string }>();
  let sessions = 0;

  const write = (send: Send, text: string) =>
    send("output", ExecItem.parse({ type: "output", stream: "stdout", bytes: Buffer.from(text).toString("base64") }));

  return new Hono()
    .post("/exec", async (c) => {
      const { instance, service = "server", columns, rows } = parseOr(ExecRequest, await c.req.json(), "body");
      const session = `exec_fixture-${++sessions}`;
      return eventAnswer(c, cuts, (send) => {
        open.set(session, { send, typed: "" });
        send("opened", ExecItem.parse({ type: "opened", session, container: `${instance}/${service}`, program: "sh" }));
        write(send, `${GREEN}${instance}${RESET} ${RGB}${columns}x${rows}${RESET}\r\n$ `);
        return () => open.delete(session);
      });
    })
    .post("/exec/:session", async (c) => {
      const known = open.get(c.req.param("session"));
      for (const word of parseOr(ExecWords, await c.req.json(), "body").words) {
        if (word.type !== "input" || known === undefined) continue;
        const text = Buffer.from(word.bytes, "base64").toString();
        known.typed += text;
        write(known.send, text.replaceAll("\r", "\r\n"));
        const [, code] = /exit (\d+)\r/.exec(known.typed) ?? [];
        if (code === undefined) continue;
        known.send("exit", ExecItem.parse({ type: "exit", code: Number(code) }));
        known.send("end", {});
      }
      return c.body(null, 204);
    });
}
