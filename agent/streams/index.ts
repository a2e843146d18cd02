import { Problem, parseOr } from "#shared/problem.ts";
import { type StreamInput, type StreamItem, type StreamName, Streams, type StreamWord } from "#shared/queries.ts";

/** The other half of a stream. */
export interface Talk<Word> {
  /** Aborted when nobody reads any more: the source ends. */
  readonly signal: AbortSignal;
  /** Has each word that the reader says given to `listener`, in order. A promise that it returns says when it was obeyed. */
  readonly onWord: (listener: (word: Word) => Promise<void> | void) => void;
}

/** One source for each stream: a missing one does not compile. */
export type StreamSources = {
  readonly [Name in StreamName]: (
    input: StreamInput<Name>,
    talk: Talk<StreamWord<Name>>,
  ) => AsyncIterable<StreamItem<Name>>;
};

const isStream = (name: string): name is StreamName => Object.hasOwn(Streams, name);

export interface StreamRequest {
  readonly name: string;
  readonly input: unknown;
}

/** @throws {Problem} `not_found` or `invalid_input` */
export function openSource(
  sources: StreamSources,
  { name, input }: StreamRequest,
  talk: Talk<unknown>,
): AsyncIterable<unknown> {
  if (!isStream(name)) {
    throw new Problem("not_found", `this agent does not know a stream ${name}`, {
      hint: `Known are: ${Object.keys(Streams).join(", ")}.`,
    });
  }
  return openers[name](sources, input, talk);
}

type Openers = {
  readonly [Name in StreamName]: (
    sources: StreamSources,
    input: unknown,
    talk: Talk<unknown>,
  ) => AsyncIterable<StreamItem<Name>>;
};

const inputOf = (name: StreamName) => `the input of stream ${name}`;
const wordOf = (name: StreamName) => `what was said to stream ${name}`;

const openers: Openers = {
  logs: ({ logs }, input, { signal }) =>
    logs(parseOr(Streams.logs.input, input, inputOf("logs")), { signal, onWord: () => undefined }),
  exec: ({ exec }, input, { signal, onWord }) =>
    exec(parseOr(Streams.exec.input, input, inputOf("exec")), {
      signal,
      onWord: (listener) => onWord((word) => listener(parseOr(Streams.exec.word, word, wordOf("exec")))),
    }),
};
