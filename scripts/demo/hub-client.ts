import type { z } from "zod";
import { Problem, parseOr } from "#shared/problem.ts";

/** The hub's API as a signed-in operator's browser uses it: cookies kept, answers parsed. */
export interface HubClient {
  readonly get: <Schema extends z.ZodType>(path: string, schema: Schema) => Promise<z.output<Schema>>;
  /** Its events, until the signal is aborted. */
  readonly events: (
    path: string,
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly event: string; readonly data: unknown }>;
  readonly post: <Schema extends z.ZodType>(path: string, body: unknown, schema: Schema) => Promise<z.output<Schema>>;
}

export function createHubClient(origin: string): HubClient {
  const cookies = new Map<string, string>();

  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");

  async function* events(path: string, signal: AbortSignal) {
    const response = await fetch(origin + path, { headers: { accept: "text/event-stream", cookie: cookie() }, signal });
    if (!response.ok || response.body === null) throw new Problem("unavailable", `${path} answered ${response.status}`);
    let unread = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (unread + text).split("\n\n");
      unread = blocks.pop() ?? "";
      for (const block of blocks) {
        const [, event, data] = /^event: (.*)\ndata: (.*)/.exec(block) ?? [];
        if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
      }
    }
  }

  async function ask<Schema extends z.ZodType>(path: string, init: RequestInit, schema: Schema) {
    const response = await fetch(origin + path, {
      ...init,
      headers: {
        accept: "application/json",
        origin,
        cookie: cookie(),
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(30_000),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    const text = await response.text();
    if (!response.ok)
      throw new Problem("unavailable", `${init.method ?? "GET"} ${path} answered ${response.status}: ${text}`);
    return parseOr(schema, text === "" ? null : JSON.parse(text), `the answer to ${path}`);
  }

  return {
    get: (path, schema) => ask(path, {}, schema),
    events,
    post: (path, body, schema) => ask(path, { method: "POST", body: JSON.stringify(body) }, schema),
  };
}
