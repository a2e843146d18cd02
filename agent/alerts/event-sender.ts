import type { Link } from "../link.ts";
import type { Outbox } from "./outbox.ts";

const BATCH = 100;

export interface EventSenderOptions {
  readonly outbox: Pick<Outbox, "unacknowledged" | "acknowledge">;
  /** When a frame that was not acknowledged is sent again on the same link. */
  readonly resendMs: number;
  readonly monotonic: () => number;
  /** Whether this beacon is bringing an event to a channel this moment. */
  readonly isUnderWay: (event: string) => boolean;
}

/** Tells the hub what is in the outbox, oldest first and one frame at a time, until all is acknowledged. */
export interface EventSender {
  readonly attach: (link: Link) => void;
  /** There may be something new, or something to send again. */
  readonly send: () => void;
  readonly acknowledged: (frames: readonly string[]) => void;
}

export function createEventSender({ outbox, resendMs, monotonic, isUnderWay }: EventSenderOptions): EventSender {
  let link: Link | undefined;
  let unconfirmed: { frame: string; events: string[]; sentAt: number } | undefined;

  const send = () => {
    if (link === undefined || link.signal.aborted) return;
    if (unconfirmed !== undefined && monotonic() - unconfirmed.sentAt < resendMs) return;
    const waiting = outbox.unacknowledged(BATCH);
    const held = waiting.findIndex(({ id }) => isUnderWay(id));
    const events = held === -1 ? waiting : waiting.slice(0, held);
    unconfirmed =
      events.length === 0
        ? undefined
        : { frame: link.send({ type: "event", events }), events: events.map(({ id }) => id), sentAt: monotonic() };
  };

  return {
    attach: (welcomed) => {
      link = welcomed;
      unconfirmed = undefined;
      send();
    },
    send,
    acknowledged: (frames) => {
      if (unconfirmed === undefined || !frames.includes(unconfirmed.frame)) return;
      outbox.acknowledge(unconfirmed.events);
      unconfirmed = undefined;
      send();
    },
  };
}
