import { setTimeout as delay } from "node:timers/promises";
import { type Backoff, backoffMs, type Random } from "./backoff.ts";
import { type LinkOptions, runLink } from "./link.ts";
import type { Log } from "./log.ts";

/** How patient the connection is. The hub pings every 20 seconds. */
export interface ConnectionTimes {
  readonly silentMs: number;
  readonly pingMs: number;
  readonly backoff: Backoff;
  /** After a refusal that will not go away by itself. */
  readonly refusedMs: number;
}

export const connectionTimes: ConnectionTimes = {
  silentMs: 50_000,
  pingMs: 20_000,
  backoff: { firstMs: 500, longestMs: 60_000 },
  refusedMs: 300_000,
};

export interface ConnectionOptions extends Omit<LinkOptions, "silentMs" | "pingMs"> {
  readonly times: ConnectionTimes;
  readonly random: Random;
  readonly log: Log;
}

/** Keeps one link to the hub, for ever: dials, and dials again when it is over. Settles once `stop` is aborted. */
export async function keepConnected(options: ConnectionOptions, stop: AbortSignal): Promise<void> {
  const { times, random, log, monotonic } = options;
  for (let failures = 0; !stop.aborted; ) {
    const startedAt = monotonic();
    const { welcomed, refused, problem } = await runLink({ ...options, ...times }, stop);
    if (stop.aborted) return;
    // A link that ends right after its welcome, each time, must not be dialled in a tight loop.
    failures = welcomed && monotonic() - startedAt > times.backoff.longestMs ? 0 : failures + 1;
    const waitMs = refused ? refusedWaitMs(times, random) : backoffMs(failures, times.backoff, random);
    log.warn({ problem, cause: problem.cause, waitMs }, "the link to the hub is down");
    await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** At least half of it: a fleet that was refused must not come back at once, nor soon. */
const refusedWaitMs = ({ refusedMs }: ConnectionTimes, random: Random) => Math.round(refusedMs * (0.5 + random() / 2));
