import { pause } from "#shared/pause.ts";

/**
 * Does something again and again, with a pause in between; never twice at a time.
 * @returns a function that ends it, and returns when nothing is under way any more.
 */
export function every(pauseMs: number, work: () => Promise<void>, onError: (error: unknown) => void) {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await work().catch(onError);
      await pause(pauseMs, stopping.signal);
    }
  };
  const running = loop();
  return async () => {
    stopping.abort();
    await running;
  };
}
