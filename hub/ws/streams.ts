import { Problem, parseOr } from "#shared/problem.ts";
import { type AgentFrame, STREAM_WINDOW } from "#shared/protocol/frames.ts";
import { type StreamInput, type StreamItem, type StreamName, Streams, type StreamWord } from "#shared/queries.ts";
import type { Link } from "./link.ts";
import { offline } from "./queries.ts";

/** Streams of one agent at a time. */
const MAX_STREAMS = 50;
/** Of one stream, in characters of JSON: an agent that knows of windows is never so far ahead of the reader. */
const MAX_WAITING = 4 * STREAM_WINDOW;
/** From this protocol on agents wait to hear what was read. */
const WINDOWS_SINCE = 3;

interface Opened {
  readonly push: (items: readonly unknown[]) => void;
  readonly end: (problem?: Problem) => void;
}

export interface StreamReader<Name extends StreamName> {
  /** Ends it: a generator that waits for the next item cannot be returned from. */
  readonly signal: AbortSignal;
  /** Is given what says something to the stream; it goes nowhere before the first item came. */
  readonly onOpen?: (tell: (words: readonly StreamWord<Name>[]) => void) => void;
}

/** What one agent sends until it or the reader ends it. */
export interface StreamDesk {
  open<Name extends StreamName>(
    name: Name,
    input: StreamInput<Name>,
    reader: StreamReader<Name>,
  ): AsyncGenerator<StreamItem<Name>[]>;
  data(frame: Extract<AgentFrame, { type: "data" }>): void;
  end(frame: Extract<AgentFrame, { type: "end" }>): void;
  /** Ends all of them. */
  abandon(problem: Problem): void;
}

export function createStreamDesk(link: Link, protocol: number): StreamDesk {
  const opened = new Map<string, Opened>();

  /** Leaving the loop, in whatever way, closes the stream at the agent. */
  async function* read<Name extends StreamName>(
    name: Name,
    input: unknown,
    { signal, onOpen }: StreamReader<Name>,
  ): AsyncGenerator<unknown[]> {
    if (opened.size >= MAX_STREAMS) {
      throw new Problem("too_many_requests", `${MAX_STREAMS} streams of this beacon are open already`);
    }
    const id = link.send({ type: "open", name, input });
    if (id === undefined) throw offline();
    // A reader who takes nothing would not even notice: the agent is told at once.
    const waiting = createWaitingItems(() => {
      opened.delete(id);
      link.send({ type: "close", stream: id });
    });
    opened.set(id, waiting);
    let answered = false;
    onOpen?.((words) => {
      // An agent that does not know the stream does not know the frame either.
      if (answered && opened.has(id)) link.send({ type: "tell", stream: id, words: [...words] });
    });
    const stop = () => waiting.end();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      let characters = 0;
      for await (const batch of waiting.batches()) {
        answered = true;
        yield batch.items;
        // The reader is back for more.
        characters += batch.characters;
        if (protocol >= WINDOWS_SINCE && opened.has(id)) link.send({ type: "read", stream: id, characters });
      }
    } finally {
      signal.removeEventListener("abort", stop);
      if (opened.delete(id)) link.send({ type: "close", stream: id });
    }
  }

  return {
    open: async function* (name, input, reader) {
      for await (const items of read(name, input, reader)) yield parseItems(name, items);
    },
    data: ({ stream, items }) => opened.get(stream)?.push(items),
    end: ({ stream, problem }) => opened.get(stream)?.end(problem === undefined ? undefined : Problem.from(problem)),
    abandon: (problem) => {
      for (const stream of [...opened.values()]) stream.end(problem);
    },
  };
}

type Parsers = { [Name in StreamName]: (items: readonly unknown[]) => StreamItem<Name>[] };

const parsers: Parsers = {
  logs: (items) => parseOr(Streams.logs.item.array(), items, "the beacon's log lines", "invalid_frame"),
  exec: (items) => parseOr(Streams.exec.item.array(), items, "what the program gave", "invalid_frame"),
};

const parseItems = <Name extends StreamName>(name: Name, items: readonly unknown[]): StreamItem<Name>[] =>
  parsers[name](items);

interface Batch {
  readonly items: unknown[];
  readonly characters: number;
}

function createWaitingItems(onOverflow: () => void): Opened & { batches(): AsyncGenerator<Batch> } {
  let items: unknown[] = [];
  let characters = 0;
  let ending: { readonly problem: Problem | undefined } | undefined;
  let wake = () => {};
  const end = (problem?: Problem) => {
    ending ??= { problem };
    wake();
  };
  return {
    end,
    push: (more) => {
      if (ending !== undefined) return;
      items.push(...more);
      characters += JSON.stringify(more).length;
      wake();
      if (characters > MAX_WAITING) {
        onOverflow();
        end(new Problem("too_large", "the beacon sends faster than this connection reads", { hint: "Open it again." }));
      }
    },
    batches: async function* () {
      for (;;) {
        if (items.length > 0) {
          const batch = { items, characters };
          items = [];
          characters = 0;
          yield batch;
        } else if (ending !== undefined) {
          if (ending.problem !== undefined) throw ending.problem;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
