import type { z } from "zod";

/** `lost`: it was there, or never came, and is being tried again. */
export type LinkState = "connecting" | "open" | "lost";

export interface EventListener {
  readonly event: string;
  readonly receive: (data: string) => void;
}

/** What to do with one kind of server-sent event. Events that do not parse are of a newer server and are left out. */
export const listen = <Schema extends z.ZodType>(
  event: string,
  schema: Schema,
  take: (value: z.output<Schema>) => void,
): EventListener => ({
  event,
  receive: (data) => {
    const parsed = schema.safeParse(JSON.parse(data));
    if (parsed.success) take(parsed.data);
  },
});

export interface EventStreamOptions {
  readonly url: string;
  readonly listeners: readonly EventListener[];
  /** Called with `open` on every connection: what was missed in between has to be read again. */
  readonly onState: (state: LinkState) => void;
}

const firstRetryMs = 1_000;
const lastRetryMs = 15_000;

/**
 * Listens until it is closed. The browser itself reconnects after a cut; after an answer that is not an event stream
 * it gives up (https://html.spec.whatwg.org/multipage/server-sent-events.html#processing-model), so then we retry.
 * @returns closes it
 */
export function openEventStream({ url, listeners, onState }: EventStreamOptions): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = firstRetryMs;

  const connect = () => {
    source?.close();
    const opened = new EventSource(url);
    source = opened;
    for (const { event, receive } of listeners) {
      opened.addEventListener(event, (message) => receive(String(message.data)));
    }
    opened.onopen = () => {
      retryMs = firstRetryMs;
      onState("open");
    };
    opened.onerror = () => {
      onState("lost");
      if (opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    };
  };

  const reconnectNow = () => {
    clearTimeout(timer);
    connect();
  };

  onState("connecting");
  connect();
  window.addEventListener("online", reconnectNow);
  return () => {
    clearTimeout(timer);
    window.removeEventListener("online", reconnectNow);
    source?.close();
  };
}
