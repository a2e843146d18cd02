import { pause } from "#shared/pause.ts";

export interface NudgedLoopParts {
  /** Does what there is to do. @returns how long to rest, in milliseconds, unless nudged */
  readonly turn: (signal: AbortSignal) => Promise<number>;
  readonly onError: (error: unknown) => void;
  /** How long to rest after a turn that failed. */
  readonly errorPauseMs: number;
}

/** Turns, one after the other, with rests in between that anybody can cut short. */
export interface NudgedLoop {
  /** There may be something to do: the next turn begins at once, or right after the one that is under way. */
  nudge(): void;
  /** Does nothing while it runs. */
  start(): void;
  /** Returns when no turn is under way. It can be started again. */
  stop(): Promise<void>;
}

export function createNudgedLoop({ turn, onError, errorPauseMs }: NudgedLoopParts): NudgedLoop {
  let nudged = Promise.withResolvers<void>();
  let running: { readonly stopping: AbortController; readonly ended: Promise<void> } | undefined;

  const loop = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      // Before the turn: what comes while it looks may not have been seen by it.
      nudged = Promise.withResolvers();
      const pauseMs = await turn(signal).catch((error: unknown) => {
        onError(error);
        return errorPauseMs;
      });
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      await Promise.race([nudged.promise, pause(pauseMs, either)]);
      over.abort();
    }
  };

  return {
    nudge: () => nudged.resolve(),
    start: () => {
      if (running !== undefined) return;
      const stopping = new AbortController();
      running = { stopping, ended: loop(stopping.signal) };
    },
    stop: async () => {
      const stopped = running;
      stopped?.stopping.abort();
      await stopped?.ended;
      if (running === stopped) running = undefined;
    },
  };
}
