import type { z } from "zod";
import { AGAIN } from "#shared/api/server-sent-events.ts";

/** `lost`: it has been away for longer than a cut that heals by itself, and is being tried again. */
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

/** A browser drops its connections whenever a network comes or goes: that is over before anybody must know. */
export const LOST_AFTER_MS = 3_000;
const firstRetryMs = 1_000;
const lastRetryMs = 15_000;

/**
 * Listens until it is closed, and connects again after every cut. When the server asks for it, a second connection is
 * opened before the first one is closed, so that nothing is missed in between. The browser would do so too, but only after three
 * seconds or five, and not at all after an answer that is not an event stream
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#processing-model).
 * @returns closes it
 */
export function openEventStream({ url, listeners, onState }: EventStreamOptions): () => void {
  let source: EventSource | undefined;
  let successor: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let losing: ReturnType<typeof setTimeout> | undefined;
  let retryMs = firstRetryMs;

  const open = () => {
    const opened = new EventSource(url);
    for (const { event, receive } of listeners) {
      opened.addEventListener(event, (message) => receive(String(message.data)));
    }
    opened.addEventListener(AGAIN, succeed);
    return opened;
  };

  const succeed = () => {
    successor?.close();
    const opened = open();
    successor = opened;
    opened.onopen = () => {
      source?.close();
      successor = undefined;
      adopt(opened);
    };
    // The server ends the first one as well, and that is the cut which heals.
    opened.onerror = () => opened.close();
  };

  const connect = () => {
    source?.close();
    successor?.close();
    adopt(open());
  };

  const adopt = (opened: EventSource) => {
    source = opened;
    opened.onopen = () => {
      clearTimeout(losing);
      losing = undefined;
      retryMs = firstRetryMs;
      onState("open");
    };
    opened.onerror = () => {
      opened.close();
      losing ??= setTimeout(() => onState("lost"), LOST_AFTER_MS);
      retry = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    };
  };

  const reconnectNow = () => {
    clearTimeout(retry);
    connect();
  };

  onState("connecting");
  connect();
  window.addEventListener("online", reconnectNow);
  return () => {
    clearTimeout(retry);
    clearTimeout(losing);
    window.removeEventListener("online", reconnectNow);
    source?.close();
    successor?.close();
  };
}
