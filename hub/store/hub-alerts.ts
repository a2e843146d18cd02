import { Alert } from "#shared/alerts/evaluate.ts";
import { addEvents, type BeaconAlert, type NewAlertEvent } from "./alert-events.ts";
import type { Database } from "./database.ts";

/** A beacon that ought to be there. */
export interface WatchedBeacon {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly lastSeenAt: number;
}

/** What the hub itself finds wrong with beacons. */
export interface HubAlertStore {
  /** Beacons in the fleet whose agent has enrolled. */
  watched(): Promise<WatchedBeacon[]>;
  /** By beacon. */
  alerts(): Promise<Map<string, Alert[]>>;
  /** Replaces the alerts of a beacon and stores what is told of them, all or nothing. @returns the new events. */
  replace(beacon: string, alerts: readonly Alert[], events: readonly NewAlertEvent[]): Promise<BeaconAlert[]>;
}

export const createHubAlertStore = (db: Database): HubAlertStore => ({
  watched: async () => {
    const rows = await db
      .selectFrom("beacon")
      .select(["id", "last_seen_at", "enrolled_at"])
      .where("removed_at", "is", null)
      .where("enrolled_at", "is not", null)
      .execute();
    return rows.map(({ id, last_seen_at, enrolled_at }) => ({ id, lastSeenAt: last_seen_at ?? enrolled_at ?? 0 }));
  },

  alerts: async () => {
    const rows = await db.selectFrom("hub_alert").select(["beacon", "alert_json"]).execute();
    const alerts = rows.map((row) => ({ beacon: row.beacon, alert: Alert.parse(JSON.parse(row.alert_json)) }));
    return new Map(
      [...Map.groupBy(alerts, ({ beacon }) => beacon)].map(([beacon, all]) => [beacon, all.map(({ alert }) => alert)]),
    );
  },

  replace: (beacon, alerts, events) =>
    db.transaction().execute(async (trx) => {
      await trx.deleteFrom("hub_alert").where("beacon", "=", beacon).execute();
      for (const alert of alerts) {
        const row = { beacon, rule: alert.rule, subject: alert.subject, alert_json: JSON.stringify(alert) };
        await trx.insertInto("hub_alert").values(row).execute();
      }
      return addEvents(trx, events);
    }),
});
