import { execFileSync } from "node:child_process";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { dateOf } from "./machine.ts";
import { fail, invalid } from "./refusals.ts";

/** "Maximum script size is 48KB." */
const MAX_BYTES = 48 * 1024;

export interface HostingerScript {
  readonly id: number;
  readonly createdAt: number;
  readonly name: string;
  readonly content: string;
}

/** What a machine would say of a post-install script; undefined when it would run it. */
export function scriptProblem(content: string): string | undefined {
  if (Buffer.byteLength(content) > MAX_BYTES) return "The content may not be greater than 48 kilobytes.";
  if (!content.startsWith("#!/bin/bash\n")) return "The content is no bash script.";
  try {
    // -n: read, and not run.
    execFileSync("/bin/bash", ["-n"], { input: content, stdio: ["pipe", "ignore", "pipe"] });
    return undefined;
  } catch (thrown) {
    return `The content is no bash script: ${String(thrown)}`;
  }
}

const Store = z.object({ name: z.string().min(1), content: z.string() });
const PAGE_SIZE = 15;

const viewOf = ({ createdAt, ...script }: HostingerScript) => ({ ...script, created_at: dateOf(createdAt) });

/** Keeps the scripts of an account. */
export function serveScripts(app: Hono, scripts: Map<number, HostingerScript>, now: () => number): void {
  let ever = 0;
  const present = (c: Context) => scripts.get(Number(c.req.param("id")));
  const missing = (c: Context) => fail(c, 404, "[VPS:1] Script not found");
  const put = async (c: Context, before: HostingerScript | undefined) => {
    const { name, content } = Store.parse(await c.req.json());
    const problem = scriptProblem(content);
    if (problem !== undefined) return invalid(c, { content: [problem] });
    if (before === undefined) ever += 1;
    const { id, createdAt } = before ?? { id: 6000 + ever, createdAt: now() };
    const script = { id, createdAt, name, content };
    scripts.set(id, script);
    return c.json(viewOf(script));
  };

  app.get("/", (c) => {
    const [page, all] = [Number(c.req.query("page") ?? 1), [...scripts.values()]];
    const meta = { current_page: page, per_page: PAGE_SIZE, total: all.length };
    return c.json({ data: all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(viewOf), meta });
  });
  app.post("/", (c) => put(c, undefined));
  app.put("/:id", async (c) => {
    const before = present(c);
    return before === undefined ? missing(c) : put(c, before);
  });
  app.delete("/:id", (c) => {
    if (!scripts.delete(Number(c.req.param("id")))) return missing(c);
    return c.json({ message: "Request accepted" });
  });
}
