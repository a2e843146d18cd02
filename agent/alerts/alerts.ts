import { Alert, type AlertEvent, evaluate, firingEvent, GONE_MS } from "#shared/alerts/evaluate.ts";
import type { AlertRule } from "#shared/alerts/rule.ts";
import { type AlertsView, HISTORY_LENGTH } from "#shared/api/alerts.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import type { AgentDatabase } from "../store/database.ts";
import type { Outbox } from "./outbox.ts";

export interface AlertsOptions {
  readonly db: AgentDatabase;
  /** As they are now; those that the hub sees are left to it. */
  readonly rules: () => readonly AlertRule[];
  readonly outbox: Outbox;
}

/** What is wrong on this beacon, by its own measurements and its own clock. */
export interface Alerts {
  /** Judges a sample. What changes is on disk when it returns, all of it or nothing; the same sample again changes nothing. */
  readonly judge: (sample: Sample) => void;
  readonly view: () => Omit<AlertsView, "silences">;
  /** Told each event once it is on disk. Gives the way to stop. */
  readonly listen: (listener: (event: AlertEvent) => void) => () => void;
}

interface Row {
  alert_json: string;
}

export function createAlerts({ db, rules, outbox }: AlertsOptions): Alerts {
  const select = db.prepare<[], Row>("select alert_json from alert order by rule, subject");
  const upsert = db.prepare(
    `insert into alert (rule, subject, alert_json) values (?, ?, ?)
     on conflict (rule, subject) do update set alert_json = excluded.alert_json`,
  );
  const remove = db.prepare("delete from alert where rule = ? and subject = ?");
  const listeners = new Set<(event: AlertEvent) => void>();

  const read = (): Alert[] => select.all().map(({ alert_json }) => Alert.parse(JSON.parse(alert_json)));
  const ownRules = () => rules().filter(({ seenBy }) => seenBy === "beacon");

  const replace = (before: readonly Alert[], after: readonly Alert[]) => {
    const stays = new Set(after.map(({ rule, subject }) => `${rule} ${subject}`));
    for (const { rule, subject } of before) if (!stays.has(`${rule} ${subject}`)) remove.run(rule, subject);
    const known = new Set(before.map((alert) => JSON.stringify(alert)));
    for (const alert of after) {
      const text = JSON.stringify(alert);
      if (!known.has(text)) upsert.run(alert.rule, alert.subject, text);
    }
  };

  const judge = db.transaction(({ at, values }: Sample): AlertEvent[] => {
    const before = read();
    const known = before.map((alert) => withoutHole(alert, at));
    const { alerts, events } = evaluate({ rules: ownRules(), alerts: known, values, at });
    replace(before, alerts);
    return outbox.add(events);
  });

  return {
    judge: (sample) => {
      for (const event of judge(sample)) for (const listener of listeners) listener(event);
    },
    view: () => {
      const byId = new Map(ownRules().map((rule) => [rule.id, rule]));
      const firing = read().flatMap((alert) => firingEvent(byId.get(alert.rule), alert) ?? []);
      return {
        firing: firing.toSorted((a, b) => b.firedAt - a.firedAt),
        history: outbox.history(HISTORY_LENGTH),
      };
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * Pure: a time without samples, be it that nothing ran or that the clock was set forward, is none through which anything is known to
 * have held.
 */
function withoutHole(alert: Alert, at: number): Alert {
  const holeMs = at - alert.seenAt;
  return alert.phase === "firing" || holeMs < GONE_MS ? alert : { ...alert, since: alert.since + holeMs };
}
