import type { Duplex } from "node:stream";

/**
 * Agents that come back take some 4 ms of a core each, with all that they tell then (docs/performance.md). At this rate there is always
 * somebody to let in, and who finds it full once more is told again.
 */
const RETURNS_PER_SECOND = 300;
/** The first who is told to come again may do so after this. */
const SHORTEST_MS = 1_000;
/** As long as the longest pause that an agent makes by itself. */
const LONGEST_MS = 60_000;

/** Tells connections for which there is no room when to come again: one after the other, so that they need not guess. */
export interface WaitingRoom {
  /** Refuses a request for a WebSocket: 503 with Retry-After (RFC 9110 section 10.2.3), which costs less than to greet it and to close it. */
  refuse(socket: Duplex): void;
}

/** @param monotonic Milliseconds that only ever grow. */
export function createWaitingRoom(monotonic: () => number): WaitingRoom {
  let nextAt = 0;
  return {
    refuse: (socket) => {
      const at = Math.max(nextAt, monotonic() + SHORTEST_MS);
      // When all places of the next minute are taken, they are given anew.
      nextAt = at - monotonic() > LONGEST_MS ? 0 : at + 1000 / RETURNS_PER_SECOND;
      const seconds = Math.min(LONGEST_MS / 1000, Math.ceil((at - monotonic()) / 1000));
      socket.on("error", () => undefined);
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${seconds}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    },
  };
}
