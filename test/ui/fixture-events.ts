import type { Context } from "hono";
import { streamSSE } from "hono/streaming";

export type Send = (event: string, data: unknown) => void;

/** Server-sent events until the reader or the fixture ends them. */
export const eventAnswer = (c: Context, cuts: Set<() => void>, subscribe: (send: Send) => () => void) =>
  streamSSE(c, async (stream) => {
    await new Promise<void>((resolve) => {
      const stop = subscribe((event, data) => {
        stream.writeSSE({ event, data: JSON.stringify(data) }).catch(end);
      });
      function end() {
        stop();
        cuts.delete(end);
        resolve();
      }
      cuts.add(end);
      stream.onAbort(end);
      stream.write(": open\n\n").catch(end);
    });
  });
