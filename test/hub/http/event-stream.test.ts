import { Hono } from "hono";
import { afterEach, describe, expect, it } from "vitest";
import { eventStream, type SendEvent } from "#hub/http/event-stream.ts";

/** Those that look now. */
let looking: Set<SendEvent>;
let begun: number;
const app = new Hono().get("/", (c) =>
  eventStream(c, {
    subscribe: (send) => {
      begun += 1;
      looking.add(send);
      return () => {
        if (!looking.delete(send)) throw new Error("ended twice");
      };
    },
    lifeMs: 60_000,
  }),
);
afterEach(() => expect(looking.size).toBe(0));

const open = async () => {
  const { body } = await app.request("/");
  if (body === null) throw new Error("a stream has a body");
  return body.pipeThrough(new TextDecoderStream()).getReader();
};

describe("a stream of events", () => {
  it("ends for whoever leaves, before it has begun or later", async () => {
    [looking, begun] = [new Set(), 0];
    const { body } = await app.request("/");
    await body?.cancel();
    await expect.poll(() => begun).toBe(1);
    await expect.poll(() => looking.size).toBe(0);

    const reader = await open();
    expect((await reader.read()).value).toBe(": open\n\n");
    await expect.poll(() => looking.size).toBe(1);
    for (const send of looking) send("said", { what: "something" });
    expect((await reader.read()).value).toContain('data: {"what":"something"}');
    await reader.cancel();
    await expect.poll(() => looking.size).toBe(0);
  });
});
