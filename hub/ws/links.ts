import { Problem } from "#shared/problem.ts";
import type { AgentFrame, UnsentHubFrame } from "#shared/protocol/frames.ts";
import type { QueryInput, QueryName, QueryOutput, StreamInput, StreamItem, StreamName } from "#shared/queries.ts";
import type { CloseReason, Link } from "./link.ts";
import { createQueryDesk, offline, type QueryDesk } from "./queries.ts";
import { createStreamDesk, type StreamDesk, type StreamReader } from "./streams.ts";

/** The agents that are connected now, by beacon: at most one each. */
export interface Links {
  isOnline(beacon: string): boolean;
  /** @returns whether it went out. */
  send(beacon: string, frame: UnsentHubFrame): boolean;
  /**
   * Sends on the connection that is there now, and on no later one: what is said in an order comes in that order, or ends with it.
   * @returns `undefined` when the beacon is offline
   */
  sender(beacon: string): ((frame: UnsentHubFrame) => boolean) | undefined;
  /** @throws {Problem} `agent_offline`, `timed_out`, or the agent's own */
  query<Name extends QueryName>(beacon: string, name: Name, input: QueryInput<Name>): Promise<QueryOutput<Name>>;
  /** Ends when the agent ends it, the reader stops, or the signal is aborted. @throws {Problem} `agent_offline` or the agent's own */
  openStream<Name extends StreamName>(
    beacon: string,
    name: Name,
    input: StreamInput<Name>,
    reader: StreamReader<Name>,
  ): AsyncIterable<StreamItem<Name>[]>;
  /** The beacon's agent has proved itself on this link; an older one of the same beacon is closed. */
  attach(beacon: string, link: Link, protocol: number): AttachedLink;
  /** Closes the link of a beacon whose agent was shut out, also one that is about to be attached. */
  revoke(beacon: string): void;
  /** The beacon has another agent than the one that was shut out. */
  admit(beacon: string): void;
  /** Sends to all whose agent speaks this protocol or a newer one. */
  broadcast(frame: UnsentHubFrame, protocol: number): void;
  /** What the agent of a beacon speaks; 0 when it is not there. */
  protocol(beacon: string): number;
  /** The oldest protocol that any agent speaks which is there. */
  oldestProtocol(): number | undefined;
  closeAll(reason: CloseReason | "shutdown"): void;
  count(): number;
  /** Of those that are there. */
  beacons(): string[];
}

/** What a link that belongs to a beacon is told. */
export interface AttachedLink {
  answer(frame: Extract<AgentFrame, { type: "answer" }>): void;
  data(frame: Extract<AgentFrame, { type: "data" }>): void;
  end(frame: Extract<AgentFrame, { type: "end" }>): void;
  /** @returns whether the beacon is offline now: `false` when another link had replaced this one. */
  detach(): boolean;
}

interface Attached {
  readonly link: Link;
  readonly protocol: number;
  readonly queries: QueryDesk;
  readonly streams: StreamDesk;
}

export function createLinks(): Links {
  const attached = new Map<string, Attached>();
  // An agent that proved itself just before it was shut out is attached just after.
  const revoked = new Set<string>();

  const linked = (beacon: string) => {
    const one = attached.get(beacon);
    if (one === undefined) throw offline();
    return one;
  };

  return {
    isOnline: (beacon) => attached.has(beacon),
    send: (beacon, frame) => attached.get(beacon)?.link.send(frame) !== undefined,
    sender: (beacon) => {
      const one = attached.get(beacon);
      return one === undefined
        ? undefined
        : (frame) => attached.get(beacon) === one && one.link.send(frame) !== undefined;
    },
    query: async (beacon, name, input) => linked(beacon).queries.ask(name, input),
    openStream: (beacon, name, input, reader) => linked(beacon).streams.open(name, input, reader),
    attach: (beacon, link, protocol) => {
      const one = { link, protocol, queries: createQueryDesk(link), streams: createStreamDesk(link, protocol) };
      const before = attached.get(beacon);
      attached.set(beacon, one);
      before?.link.close("replaced");
      if (revoked.has(beacon)) link.close("revoked");
      return {
        answer: one.queries.answer,
        data: one.streams.data,
        end: one.streams.end,
        detach: () => {
          const lost = new Problem("agent_offline", "the beacon's connection was lost");
          one.queries.abandon(lost);
          one.streams.abandon(lost);
          if (attached.get(beacon) !== one) return false;
          attached.delete(beacon);
          return true;
        },
      };
    },
    revoke: (beacon) => {
      revoked.add(beacon);
      attached.get(beacon)?.link.close("revoked");
    },
    admit: (beacon) => {
      revoked.delete(beacon);
    },
    broadcast: (frame, since) => {
      for (const { link, protocol } of attached.values()) if (protocol >= since) link.send(frame);
    },
    protocol: (beacon) => attached.get(beacon)?.protocol ?? 0,
    oldestProtocol: () =>
      [...attached.values()].reduce<number | undefined>(
        (oldest, { protocol }) => Math.min(oldest ?? protocol, protocol),
        undefined,
      ),
    closeAll: (reason) => {
      for (const { link } of attached.values()) link.close(reason);
    },
    count: () => attached.size,
    beacons: () => [...attached.keys()],
  };
}
