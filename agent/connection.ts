import { pause } from "#shared/pause.ts";
import type { Problem } from "#shared/problem.ts";
import { type Backoff, backoffMs, type Random } from "./backoff.ts";
import { type LinkEnd, type LinkOptions, runLink } from "./link.ts";
import type { Log } from "./log.ts";
import { type LinkStatus, REVOKED_RETRY_MS } from "./trust/link-status.ts";

/** How patient the connection is. The hub pings every 20 seconds. */
export interface ConnectionTimes {
  readonly silentMs: number;
  readonly pingMs: number;
  readonly backoff: Backoff;
  /** After a refusal that will not go away by itself. */
  readonly refusedMs: number;
  /** After the hub has shut this agent out. */
  readonly revokedMs: number;
}

export const connectionTimes: ConnectionTimes = {
  silentMs: 50_000,
  pingMs: 20_000,
  backoff: { firstMs: 500, longestMs: 60_000 },
  refusedMs: 300_000,
  revokedMs: REVOKED_RETRY_MS,
};

const SPREAD_MS = 1_000;

export interface ConnectionOptions extends Omit<LinkOptions, "silentMs" | "pingMs"> {
  readonly times: ConnectionTimes;
  readonly status: LinkStatus;
  readonly random: Random;
  readonly log: Log;
}

/** Keeps one link to the hub, for ever: dials, and dials again when it is over. Settles once `stop` is aborted. */
export async function keepConnected(options: ConnectionOptions, stop: AbortSignal): Promise<void> {
  const { times, status, random, log, monotonic } = options;
  const holdMs = status.holdMs();
  if (holdMs > 0) await pause(holdMs, stop);
  for (let failures = 0; !stop.aborted; ) {
    const startedAt = monotonic();
    const end = await runLink({ ...options, ...times }, stop);
    if (stop.aborted) return;
    const { welcomed, problem } = end;
    // A link that ends right after its welcome, each time, must not be dialled in a tight loop.
    failures = welcomed && monotonic() - startedAt > times.backoff.longestMs ? 0 : failures + 1;
    // Also while the hub that has shut this agent out cannot be reached.
    const isRevoked = problem.code === "beacon_revoked" || (!welcomed && status.view().state === "revoked");
    const waitMs = isRevoked
      ? times.revokedMs
      : (refusedWaitMs(end, times, random) ??
        comeAgainMs(end, times, random) ??
        backoffMs(failures, times.backoff, random));
    status.down(problem, waitMs);
    log.warn({ problem, cause: problem.cause, waitMs }, words(problem));
    await pause(waitMs, stop);
  }
}

/** At least half of it: a fleet that was refused must not come back at once, nor soon. */
function refusedWaitMs({ refused }: LinkEnd, times: ConnectionTimes, random: Random): number | undefined {
  return refused ? Math.round(times.refusedMs * (0.5 + random() / 2)) : undefined;
}

/** Those who were given the same second do not come in the same moment. A hub can ask for no longer than agents wait by themselves. */
function comeAgainMs(end: LinkEnd, { backoff }: ConnectionTimes, random: Random): number | undefined {
  if (end.comeAgainMs === undefined) return undefined;
  return Math.min(end.comeAgainMs, backoff.longestMs) + Math.round(random() * SPREAD_MS);
}

const words = ({ code }: Problem) =>
  code === "beacon_revoked"
    ? "the hub has shut this agent out; everything on the beacon goes on"
    : "the link to the hub is down";
