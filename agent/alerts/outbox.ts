import { type AlertEvent, AlertEvent as Schema } from "#shared/alerts/evaluate.ts";
import type { ReportedEvent } from "#shared/protocol/frames.ts";
import type { AgentDatabase } from "../store/database.ts";

/** What the hub has to be told of alerts, and what it was told, as the beacon's own history. */
export interface Outbox {
  /** Within the caller's transaction. An event that is there already is left alone. @returns those that were new. */
  readonly add: (events: readonly AlertEvent[]) => AlertEvent[];
  /** What the hub has not stored yet, oldest first. */
  readonly unacknowledged: (count: number) => ReportedEvent[];
  /** What the hub has not stored and this channel was not told, oldest first. */
  readonly waiting: (channel: string) => { readonly event: ReportedEvent; readonly storedAt: number }[];
  /** What this channel of the owner was not told of what was stored since, whether or not the hub has it; oldest first. */
  readonly untold: (channel: string, sinceMs: number) => { readonly event: ReportedEvent; readonly storedAt: number }[];
  /** Of all that there is until now this channel is told nothing. On disk when it returns. */
  readonly skip: (channel: string) => void;
  /** When this channel was told something last. */
  readonly toldAt: (channel: string) => number | undefined;
  /** Channels of the hub that were told of it; undefined once the hub has it. */
  readonly told: (id: string) => readonly string[] | undefined;
  /** What became of it on its way to a channel. On disk when it returns. */
  readonly settle: (id: string, channel: string, state: "told" | "given-up") => void;
  readonly acknowledge: (ids: readonly string[]) => void;
  /** Newest first. */
  readonly history: (count: number) => AlertEvent[];
  /** Forgets what is too old, and of what the hub never took the oldest that is over. */
  readonly prune: () => void;
}

/** How ids of channels begin that the owner of the beacon has set up on it. */
export const OWNER_CHANNEL = "own";

/** A history has to last as long as the coarsest measurements do. */
const KEPT_MS = 30 * 86_400_000;
/** A beacon whose hub never comes back must not fill its disk. */
const MOST_UNACKNOWLEDGED = 2000;

interface Row {
  event_json: string;
}
interface WaitingRow extends Row {
  stored_at: number;
}

const readRow = ({ event_json }: Row): AlertEvent => Schema.parse(JSON.parse(event_json));

/** @param most How many unacknowledged events are kept, but for alerts of which the other half is not in here. */
export function createOutbox(db: AgentDatabase, now: () => number, most = MOST_UNACKNOWLEDGED): Outbox {
  const insert = db.prepare(
    "insert into alert_event (id, alert, at, stored_at, event_json) values (?, ?, ?, ?, ?) on conflict (id) do nothing",
  );
  const waiting = db.prepare<[number], Row>(
    "select event_json from alert_event where acknowledged_at is null order by number limit ?",
  );
  const waitingFor = db.prepare<[string], WaitingRow>(
    `select event_json, stored_at from alert_event where acknowledged_at is null
     and not exists (select 1 from alert_told where event = alert_event.id and channel = ?) order by number`,
  );
  const skip = db.prepare(
    `insert into alert_told (event, channel, state, at) select id, ?, 'given-up', ? from alert_event where true
     on conflict (event, channel) do nothing`,
  );
  const untoldFor = db.prepare<[number, string], WaitingRow>(
    `select event_json, stored_at from alert_event where stored_at >= ?
     and not exists (select 1 from alert_told where event = alert_event.id and channel = ?) order by number`,
  );
  const lastTold = db.prepare<[string], { at: number | null }>(
    "select max(at) as at from alert_told where channel = ? and state = 'told'",
  );
  const isWaiting = db.prepare<[string], Row>(
    "select event_json from alert_event where id = ? and acknowledged_at is null",
  );
  const toldOf = db.prepare<[string], { channel: string }>(
    // What the owner's channels were told is none of the hub's business.
    `select channel from alert_told where event = ? and state = 'told' and channel not like '${OWNER_CHANNEL}%' order by channel`,
  );
  const settle = db.prepare(
    "insert into alert_told (event, channel, state, at) values (?, ?, ?, ?) on conflict (event, channel) do nothing",
  );
  const acknowledge = db.prepare("update alert_event set acknowledged_at = ? where id = ? and acknowledged_at is null");
  const newest = db.prepare<[number], Row>("select event_json from alert_event order by number desc limit ?");
  const forget = db.prepare("delete from alert_event where acknowledged_at is not null and at < ?");
  const count = db.prepare<[], { waiting: number }>(
    "select count(*) as waiting from alert_event where acknowledged_at is null",
  );
  /** Both halves at once: the hub must never hear of a beginning without its end, nor of an end without its beginning. */
  const forgetPairs = db.prepare(
    `delete from alert_event where alert in (
       select alert from alert_event where acknowledged_at is null
       group by alert having count(*) = 2 order by min(number) limit ?
     )`,
  );

  const told = (id: string) => toldOf.all(id).map(({ channel }) => channel);
  const reported = (row: Row): ReportedEvent => {
    const event = readRow(row);
    return { ...event, told: told(event.id) };
  };

  const withTime = (row: WaitingRow) => ({ event: reported(row), storedAt: row.stored_at });

  return {
    add: (events) =>
      events.filter(
        (event) => insert.run(event.id, alertOf(event), event.at, now(), JSON.stringify(event)).changes > 0,
      ),
    unacknowledged: (limit) => waiting.all(limit).map(reported),
    waiting: (channel) => waitingFor.all(channel).map(withTime),
    untold: (channel, sinceMs) => untoldFor.all(sinceMs, channel).map(withTime),
    skip: (channel) => void skip.run(channel, now()),
    toldAt: (channel) => lastTold.get(channel)?.at ?? undefined,
    told: (id) => (isWaiting.get(id) === undefined ? undefined : told(id)),
    settle: (id, channel, state) => void settle.run(id, channel, state, now()),
    acknowledge: db.transaction((ids: readonly string[]) => {
      for (const id of ids) acknowledge.run(now(), id);
    }),
    history: (limit) => newest.all(limit).map(readRow),
    prune: db.transaction(() => {
      forget.run(now() - KEPT_MS);
      const excess = (count.get()?.waiting ?? 0) - most;
      if (excess > 0) forgetPairs.run(Math.ceil(excess / 2));
    }),
  };
}

/** What the beginning and the end of one alert have in common. */
const alertOf = ({ rule, subject, firedAt }: AlertEvent) => JSON.stringify([rule, subject, firedAt]);
