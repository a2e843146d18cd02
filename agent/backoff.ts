/** Where delays come from that must differ between agents: a number from 0 up to but not including 1. */
export type Random = () => number;

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Full-jitter exponential backoff: anything from 0 to the limit, which doubles with each attempt, so that a fleet that
 * lost its hub at once does not return at once (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param attempt Failures in a row, from 0.
 */
export const backoffMs = (attempt: number, { firstMs, longestMs }: Backoff, random: Random): number =>
  Math.round(random() * Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30)));
