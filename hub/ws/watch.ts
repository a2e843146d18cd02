import type { UnsentHubFrame } from "#shared/protocol/frames.ts";

/** How long an agent sends a sample a second after it was last asked to. */
const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;
/** What is left of it when nobody looks any more: a frame cannot ask for less. */
const LAST_SECONDS = 1;

/** Who looks at which beacon: agents sample each second only while somebody does. */
export interface Watch {
  /** @returns a function that stops looking. */
  start(beacon: string): () => void;
  /** The agent came back: whoever looks still does. */
  connected(beacon: string): void;
}

export function createWatch(send: (beacon: string, frame: UnsentHubFrame) => void): Watch {
  const viewers = new Map<string, { count: number; renewal: NodeJS.Timeout }>();
  const ask = (beacon: string, seconds = LEASE_SECONDS) => send(beacon, { type: "watch", seconds });

  const leave = (beacon: string) => {
    const known = viewers.get(beacon);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count > 0) return;
    clearInterval(known.renewal);
    viewers.delete(beacon);
    ask(beacon, LAST_SECONDS);
  };

  return {
    start: (beacon) => {
      const known = viewers.get(beacon);
      if (known === undefined) {
        viewers.set(beacon, { count: 1, renewal: setInterval(() => ask(beacon), RENEW_MS) });
        ask(beacon);
      } else {
        known.count += 1;
      }
      let looking = true;
      return () => {
        if (looking) leave(beacon);
        looking = false;
      };
    },
    connected: (beacon) => {
      if (viewers.has(beacon)) ask(beacon);
    },
  };
}
