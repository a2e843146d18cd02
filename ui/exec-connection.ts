import { z } from "zod";
import { ExecItem, type ExecRequest, type ExecWord } from "#shared/api/exec.ts";
import { parseEvents } from "#shared/api/server-sent-events.ts";
import { Problem, ProblemBody } from "#shared/problem.ts";
import { readAnswer } from "./http.ts";

/** A program that runs in a container. */
export interface ExecConnection {
  /** Ends after the program's exit. @throws {Problem} what ended it before */
  readonly items: AsyncIterable<ExecItem>;
  /** @throws {Problem} */
  readonly say: (words: readonly ExecWord[]) => Promise<void>;
}

export type OpenExec = (request: z.input<typeof ExecRequest>, signal: AbortSignal) => Promise<ExecConnection>;

const End = z.object({ problem: ProblemBody.optional() });

/** @param base `/api` on the beacon, `/api/beacons/{beacon}` on the hub */
export const createOpenExec =
  (base: string): OpenExec =>
  async (request, signal) => {
    const response = await post(`${base}/exec`, request, signal);
    if (!response.ok || response.body === null) {
      await readAnswer(z.never(), Promise.resolve(response));
      throw new Problem("internal", "the server gave no answer");
    }
    const items = itemsOf(response.body);
    const first = await items.next();
    const opened = first.done ? undefined : first.value;
    if (opened?.type !== "opened") throw new Problem("unavailable", "the program did not start");
    return {
      items,
      say: async (words) => {
        await readAnswer(z.unknown(), post(`${base}/exec/${opened.session}`, { words }, signal));
      },
    };
  };

const post = (url: string, body: unknown, signal: AbortSignal) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });

async function* itemsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ExecItem> {
  for await (const { event, data } of parseEvents(textOf(body))) {
    if (event === "end") {
      const { problem } = End.parse(JSON.parse(data));
      if (problem !== undefined) throw Problem.from(problem);
      return;
    }
    const item = ExecItem.safeParse(JSON.parse(data));
    if (item.success) yield item.data;
  }
  throw new Problem("unavailable", "the connection to the program was lost", { hint: "Open it again." });
}

/** Not every browser iterates a stream. */
async function* textOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
