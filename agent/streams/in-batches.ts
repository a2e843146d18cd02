import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";

const MOST_ITEMS = 200;
const MOST_CHARACTERS = 256 * 1024;
const PACE_MS = 25;

/**
 * Gathers what comes together, so that a thousand lines are not a thousand frames: a batch ends at 200 items or at 256 K
 * characters of JSON. One that is smaller goes at once after a pause, as the echo of a key does, and else a moment after
 * the one before it. Nothing is read ahead while a batch is being consumed, so
 * that a slow consumer slows the source. The source is closed when the consumer stops or `signal` is aborted.
 */
export async function* inBatches<Item>(source: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item[]> {
  const items = source[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Item, unknown>> | undefined;
  let pace: Promise<unknown> = Promise.resolve();
  const aborted = whenAborted(signal);
  try {
    for (;;) {
      pending ??= items.next();
      const first = await Promise.race([pending, aborted.promise]);
      if (first === undefined || first.done) return;
      pending = undefined;
      const batch = [first.value];
      const moment = Promise.all([pace, nextTurn()]).then(() => undefined);
      let characters = JSON.stringify(first.value).length;
      while (batch.length < MOST_ITEMS && characters < MOST_CHARACTERS) {
        pending ??= items.next();
        // A failure is for the next round: what came before it is not lost.
        const next = await Promise.race([pending.catch(() => undefined), aborted.promise, moment]);
        if (next === undefined || next.done) break;
        pending = undefined;
        batch.push(next.value);
        characters += JSON.stringify(next.value).length;
      }
      yield batch;
      pace = delay(PACE_MS, undefined, { ref: false });
    }
  } finally {
    aborted.release();
    pending?.catch(() => undefined);
    // A source that waits for its next item cannot be closed before that item; its signal ends it.
    items.return?.()?.catch(() => undefined);
  }
}

function whenAborted(signal: AbortSignal) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return { promise, release: () => signal.removeEventListener("abort", stop) };
}
