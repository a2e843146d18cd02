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
