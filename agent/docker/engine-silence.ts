/** The engine took a request and then said nothing: neither to it, nor to the question whether it is there. */
export class EngineSilence extends Error {
  /** As of a connection that is silent: errno(3). */
  readonly code = "ETIMEDOUT";
}

export interface EngineTimes {
  /** How long it may take the engine to look something up, also one that answers others meanwhile. */
  readonly lookMs: number;
  /** How often it is asked whether it is there, while a request is under way. */
  readonly pingEveryMs: number;
  /** How long the answer to that may take. */
  readonly pingMs: number;
}

export const engineTimes: EngineTimes = { lookMs: 120_000, pingEveryMs: 10_000, pingMs: 15_000 };

/** Watches over a request, in whichever form it is at the moment. */
export interface Guard {
  /** What is broken off from now on. */
  readonly over: (request: { readonly destroy: (error: Error) => unknown }) => void;
  readonly stop: () => void;
}

export interface GuardOptions {
  /** Rejects with an `EngineSilence` when the engine does not say that it is there. */
  readonly ping: () => Promise<void>;
  readonly pingEveryMs: number;
  /** How long the request may take at most; as long as the engine is there when undefined. */
  readonly limitMs: number | undefined;
}

/**
 * Breaks a request off once the engine is silent. How long a request takes says nothing: to stop a database, or to remove a large
 * volume, takes minutes. So the engine is asked meanwhile whether it is there, which it answers whatever it is at:
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemPing
 */
export function guardAgainstSilence({ ping, pingEveryMs, limitMs }: GuardOptions): Guard {
  let guarded: Parameters<Guard["over"]>[0] | undefined;
  const breakOff = (silence: EngineSilence) => guarded?.destroy(silence);
  const limit =
    limitMs === undefined
      ? undefined
      : setTimeout(() => breakOff(new EngineSilence(`no answer in ${limitMs} ms`)), limitMs);
  let isOver = false;
  const askAgain = () => {
    if (!isOver) pings.refresh();
  };
  const pings = setTimeout(() => {
    // Whatever else is wrong with an engine breaks the request by itself.
    ping().then(askAgain, (error: unknown) => (error instanceof EngineSilence ? breakOff(error) : askAgain()));
  }, pingEveryMs);
  return {
    over: (request) => {
      guarded = request;
    },
    stop: () => {
      isOver = true;
      guarded = undefined;
      clearTimeout(limit);
      clearTimeout(pings);
    },
  };
}
