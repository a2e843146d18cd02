import { Problem, parseOr } from "#shared/problem.ts";
import { type StreamInput, type StreamItem, type StreamName, Streams } from "#shared/queries.ts";

/** One source for each stream: a missing one does not compile. It ends when `signal` is aborted. */
export type StreamSources = {
  readonly [Name in StreamName]: (input: StreamInput<Name>, signal: AbortSignal) => AsyncIterable<StreamItem<Name>>;
};

const isStream = (name: string): name is StreamName => Object.hasOwn(Streams, name);

/** @throws {Problem} `not_found` or `invalid_input` */
export function openSource(
  sources: StreamSources,
  name: string,
  input: unknown,
  signal: AbortSignal,
): AsyncIterable<unknown> {
  if (!isStream(name)) {
    throw new Problem("not_found", `this agent does not know a stream ${name}`, {
      hint: `Known are: ${Object.keys(Streams).join(", ")}.`,
    });
  }
  return open(sources, name, input, signal);
}

const open = <Name extends StreamName>(sources: StreamSources, name: Name, input: unknown, signal: AbortSignal) =>
  sources[name](
    parseOr<(typeof Streams)[Name]["input"]>(Streams[name].input, input, `the input of stream ${name}`),
    signal,
  );
