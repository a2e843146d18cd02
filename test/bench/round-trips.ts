import { setTimeout as sleep } from "node:timers/promises";
import type { HubClient } from "#scripts/demo/hub-client.ts";
import { CommandView } from "#shared/api/beacon.ts";
import { AGAIN } from "#shared/api/server-sent-events.ts";

/** Beacons that commands go to in turn. */
const ASKED = 5;
const PAUSE_MS = 200;

/**
 * Gives commands that do nothing, one after the other, for so long: from the request to the event that says how it ended, as somebody
 * sees it who looks at the beacon.
 * @returns milliseconds of each
 */
export async function measureRoundTrips(client: HubClient, beacons: readonly string[], ms: number): Promise<number[]> {
  const asked = beacons.slice(0, ASKED);
  const leaving = new AbortController();
  const ended = new Map<string, () => void>();
  const done = new Set<string>();
  const streams: Promise<void>[] = [];
  const listen = async (beacon: string) => {
    for await (const { event, data } of client.events(`/api/beacons/${beacon}/events`, leaving.signal)) {
      // The hub ends a stream after a while, and is asked for the next one before.
      if (event === AGAIN) streams.push(listen(beacon));
      if (event !== "command") continue;
      const { id, state } = CommandView.parse(data);
      if (state !== "done") continue;
      done.add(id);
      ended.get(id)?.();
    }
  };
  streams.push(...asked.map(listen));
  // The streams have to stand before the first command goes out.
  await sleep(500);
  const trips: number[] = [];
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) {
    const path = `/api/beacons/${asked[trips.length % asked.length]}/commands`;
    const startedAt = performance.now();
    const { id } = await client.post(path, { name: "module.restart", input: { instance: "none" } }, CommandView);
    if (!done.has(id)) await new Promise<void>((resolve) => ended.set(id, resolve));
    ended.delete(id);
    trips.push(performance.now() - startedAt);
    await sleep(PAUSE_MS);
  }
  leaving.abort();
  await Promise.allSettled(streams);
  return trips;
}

/** @param share From 0 to 1, for example 0.99. */
export const percentile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? Number.NaN;
