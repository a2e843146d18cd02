/**
 * A stream of events is given so long, then its reader is asked by an event of this name to open it anew, and it ends a little
 * later. Who has vanished without a word, behind a proxy or with the cable pulled, does not come back, and is no longer
 * reported to; who is still there is asked for their right to look again.
 */
export const AGAIN = "again";
export const STREAM_LIFE_MS = 120_000;
export const STREAM_GRACE_MS = 15_000;

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Takes server-sent events out of the text of an answer, for readers that a browser's `EventSource` does not serve: it
 * sends no body, and opens again what has ended.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* parseEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerSentEvent> {
  let rest = "";
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const valuesOf = (field: string) =>
        lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
      const data = valuesOf("data");
      if (data.length > 0) yield { event: valuesOf("event").at(-1) ?? "message", data: data.join("\n") };
    }
  }
}
