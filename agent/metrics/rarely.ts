import type { Meter, Values } from "./meter.ts";

/**
 * A meter for what takes long to find out and changes slowly: it gives what was found last, at once, and has it found again beside
 * the sampling when that is `everyMs` old. What fails is tried again after as long.
 * @param onFailure Takes the error of a failed attempt.
 */
export function rarely(find: () => Promise<Values>, everyMs: number, onFailure: (error: unknown) => void): Meter {
  let known: Values = {};
  let askedAt = Number.NEGATIVE_INFINITY;
  return (atMs) => {
    if (atMs - askedAt >= everyMs) {
      askedAt = atMs;
      find().then((found) => {
        known = found;
      }, onFailure);
    }
    return known;
  };
}
