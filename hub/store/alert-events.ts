import type { Transaction } from "kysely";
import { type AlertEvent, AlertEvent as Schema } from "#shared/alerts/evaluate.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** An event and the beacon that it is of. */
export interface BeaconAlert {
  readonly beacon: string;
  readonly event: AlertEvent;
}

/** One event for one channel. `told`: the beacon has delivered it already. */
export interface NewDelivery {
  readonly channel: string;
  readonly state: "waiting" | "told";
  readonly dueAt: number;
}

export interface NewAlertEvent extends BeaconAlert {
  readonly receivedAt: number;
  readonly deliveries: readonly NewDelivery[];
}

/** What was wrong and what is, of all beacons. */
export interface AlertEventStore {
  /** Stores events with what is to be delivered of them, all or none. @returns those that were not there yet. */
  add(events: readonly NewAlertEvent[]): Promise<BeaconAlert[]>;
  /** What has begun and not ended, newest first: of one beacon or of all that are in the fleet. */
  firing(beacon?: string): Promise<BeaconAlert[]>;
  /** Newest first. */
  history(beacon: string, limit: number): Promise<AlertEvent[]>;
  /** Of all that are in the fleet and of the hub itself, newest first. */
  fleetHistory(limit: number): Promise<BeaconAlert[]>;
  /** Forgets what was over before that moment of the hub's clock. */
  prune(before: number): Promise<void>;
}

export const createAlertEventStore = (db: Database): AlertEventStore => ({
  add: (events) => db.transaction().execute((trx) => addEvents(trx, events)),

  firing: async (beacon) => {
    const rows = await db
      .selectFrom("alert_event")
      .leftJoin("beacon", "beacon.id", "alert_event.beacon")
      .select(["alert_event.beacon", "event_json"])
      .where("kind", "=", "fired")
      .where("ended_at", "is", null)
      .where("removed_at", "is", null)
      .$if(beacon !== undefined, (query) => query.where("beacon", "=", beacon ?? ""))
      .orderBy("fired_at", "desc")
      .execute();
    return rows.map((row) => ({ beacon: row.beacon, event: eventOf(row) }));
  },

  history: async (beacon, limit) => {
    const rows = await db
      .selectFrom("alert_event")
      .select("event_json")
      .where("beacon", "=", beacon)
      .orderBy("received_at", "desc")
      .orderBy("at", "desc")
      .limit(limit)
      .execute();
    return rows.map(eventOf);
  },

  fleetHistory: async (limit) => {
    const rows = await db
      .selectFrom("alert_event")
      .leftJoin("beacon", "beacon.id", "alert_event.beacon")
      .select(["alert_event.beacon", "event_json"])
      .where("removed_at", "is", null)
      .orderBy("received_at", "desc")
      .orderBy("at", "desc")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ beacon: row.beacon, event: eventOf(row) }));
  },

  prune: async (before) => {
    await db
      .deleteFrom("alert_event")
      .where("received_at", "<", before)
      .where((where) => where.or([where("kind", "=", "resolved"), where("ended_at", "is not", null)]))
      .execute();
  },
});

/** Within a transaction, for who changes more than events in it. */
export async function addEvents(trx: Transaction<Tables>, events: readonly NewAlertEvent[]): Promise<BeaconAlert[]> {
  const added: BeaconAlert[] = [];
  for (const { beacon, event, receivedAt, deliveries } of events) {
    const inserted = await trx
      .insertInto("alert_event")
      .values({
        beacon,
        id: event.id,
        rule: event.rule,
        subject: event.subject,
        kind: event.kind,
        fired_at: event.firedAt,
        at: event.at,
        ended_at: null,
        received_at: receivedAt,
        event_json: JSON.stringify(event),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .execute();
    if (inserted.length > 0) {
      added.push({ beacon, event });
      await closePair(trx, { beacon, event });
    }
    for (const delivery of deliveries) await putDelivery(trx, { beacon, event }, delivery, inserted.length > 0);
  }
  return added;
}

/** The beginning learns of its end, whichever of them comes first. */
async function closePair(trx: Transaction<Tables>, { beacon, event }: BeaconAlert): Promise<void> {
  const { rule, subject, firedAt } = event;
  const end = await trx
    .selectFrom("alert_event")
    .select("event_json")
    .where("beacon", "=", beacon)
    .where("rule", "=", rule)
    .where("subject", "=", subject)
    .where("fired_at", "=", firedAt)
    .where("kind", "=", "resolved")
    .executeTakeFirst();
  if (end === undefined) return;
  await trx
    .updateTable("alert_event")
    .set({ ended_at: eventOf(end).at })
    .where("beacon", "=", beacon)
    .where("rule", "=", rule)
    .where("subject", "=", subject)
    .where("fired_at", "=", firedAt)
    .where("kind", "=", "fired")
    .execute();
}

/** An event that comes again brings no new delivery, but may say that the beacon has delivered it since. */
async function putDelivery(
  trx: Transaction<Tables>,
  { beacon, event }: BeaconAlert,
  { channel, state, dueAt }: NewDelivery,
  isNew: boolean,
): Promise<void> {
  if (isNew) {
    const delivery = { beacon, event: event.id, channel, state, due_at: dueAt, problem_json: null, finished_at: null };
    await trx.insertInto("alert_delivery").values(delivery).execute();
  } else if (state === "told") {
    await trx
      .updateTable("alert_delivery")
      .set({ state })
      .where("beacon", "=", beacon)
      .where("event", "=", event.id)
      .where("channel", "=", channel)
      .where("state", "=", "waiting")
      .execute();
  }
}

const eventOf = ({ event_json }: { event_json: string }): AlertEvent => Schema.parse(JSON.parse(event_json));
