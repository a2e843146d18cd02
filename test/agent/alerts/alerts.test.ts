import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createAlerts } from "#agent/alerts/alerts.ts";
import { createOutbox } from "#agent/alerts/outbox.ts";
import { openStore } from "#agent/store/database.ts";
import { type AlertRule, AlertRules } from "#shared/alerts/rule.ts";

const START = 1_800_000_000_000;
const DAY_MS = 86_400_000;

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) cleanUp();
});

const busy = {
  id: "busy",
  title: "{value} % busy",
  severity: "warning",
  measure: { series: "cpu_percent" },
  when: { above: 90 },
  forMs: 20_000,
} as const;
const away = { ...busy, id: "away", measure: { series: "offline_seconds" }, seenBy: "hub", forMs: 0 } as const;

/** A beacon whose store may outlive it, and whose clock is the test's. */
function open({ file = ":memory:", rules = AlertRules.parse([busy, away]), most = 100 } = {}) {
  const clock = { at: START };
  const db = openStore(file);
  cleanUps.push(() => db.close());
  const outbox = createOutbox(db, () => clock.at, most);
  let current: readonly AlertRule[] = rules;
  const alerts = createAlerts({ db, rules: () => current, outbox });
  const said: string[] = [];
  alerts.listen(({ kind, rule, value }) => said.push(`${kind} ${rule} ${value}`));
  /** A sample every ten seconds. */
  const feed = (...percents: number[]) => {
    for (const cpu_percent of percents) {
      alerts.judge({ at: clock.at, values: { cpu_percent, offline_seconds: 1000 } });
      clock.at += 10_000;
    }
  };
  const change = (changed: Parameters<typeof AlertRules.parse>[0]) => {
    current = AlertRules.parse(changed);
  };
  return { db, outbox, alerts, said, feed, clock, change };
}

function storeFile() {
  const directory = mkdtempSync(join(tmpdir(), "wopr-alerts-"));
  cleanUps.push(() => rmSync(directory, { recursive: true }));
  return join(directory, "agent.db");
}

describe("what is wrong on a beacon", () => {
  it("is said when it has held for its time, and when it is over, with the beacon's own times", () => {
    const { alerts, feed, said, outbox } = open();
    feed(95, 95);
    expect(alerts.view()).toEqual({ firing: [], history: [] });
    feed(96, 97);
    expect(alerts.view()).toMatchObject({
      firing: [{ rule: "busy", kind: "fired", title: "97 % busy", at: START + 20_000 }],
      history: [{ rule: "busy", kind: "fired", title: "96 % busy" }],
    });
    feed(10);
    expect(alerts.view()).toMatchObject({ firing: [], history: [{ kind: "resolved" }, { kind: "fired" }] });
    expect(said).toEqual(["fired busy 96", "resolved busy 10"]);
    expect(outbox.unacknowledged(10).map(({ kind }) => kind)).toEqual(["fired", "resolved"]);
  });

  it("has not held through a time in which nobody looked, whether the agent was away or its clock was set forward", () => {
    const { feed, said, clock } = open();
    feed(95, 95);
    clock.at += 4 * 3_600_000;
    feed(95);
    expect(said).toEqual([]);
    feed(95);
    expect(said).toEqual(["fired busy 95"]);
    // What was told stays so until it is seen to be over.
    clock.at += 4 * 3_600_000;
    feed(96, 10);
    expect(said).toEqual(["fired busy 95", "resolved busy 10"]);
  });

  it("is not what only the hub can see", () => {
    const { alerts, feed, change } = open();
    change([away]);
    feed(95, 95, 95, 95);
    expect(alerts.view()).toEqual({ firing: [], history: [] });
  });

  it("goes on where it was when the agent was killed between any two samples", () => {
    const samples = [95, 95, 95, 95, 10, 95, 95, 95, 10];
    const { feed, outbox } = open();
    feed(...samples);
    const file = storeFile();
    for (const [index, percent] of samples.entries()) {
      const part = open({ file });
      part.clock.at = START + index * 10_000;
      part.feed(percent);
      part.db.close();
    }
    expect(open({ file }).outbox.unacknowledged(100)).toEqual(outbox.unacknowledged(100));
    expect(outbox.unacknowledged(100)).toHaveLength(4);
  });

  it("is the same however often a sample is judged", () => {
    const [once, twice] = [open(), open()];
    for (const percent of [95, 95, 95, 10]) {
      once.feed(percent);
      twice.feed(percent);
      twice.clock.at -= 10_000;
      twice.feed(percent);
    }
    expect(twice.outbox.history(10)).toEqual(once.outbox.history(10));
    expect(twice.said).toEqual(once.said);
  });

  it("changes with its events or not at all", () => {
    const { alerts, feed, db, clock } = open();
    feed(95, 95);
    db.exec("create trigger full before insert on alert_event begin select raise(abort, 'the disk is full'); end");
    expect(() => feed(95)).toThrow("the disk is full");
    expect(alerts.view().firing).toEqual([]);
    db.exec("drop trigger full");
    feed(95);
    expect(alerts.view().history).toMatchObject([{ kind: "fired", at: clock.at - 10_000 }]);
  });

  it("is over when nobody watches for it any more", () => {
    const { alerts, feed, change } = open();
    feed(95, 95, 95);
    change([{ ...busy, id: "other" }]);
    feed(95);
    expect(alerts.view()).toMatchObject({
      firing: [],
      history: [{ rule: "busy", kind: "resolved", title: "This is not watched any more" }, { kind: "fired" }],
    });
  });

  it("goes on being judged by a clock that was set back", () => {
    const { feed, clock, said } = open();
    feed(95, 95);
    clock.at -= DAY_MS;
    feed(95, 95, 95, 10);
    expect(said).toEqual(["fired busy 95", "resolved busy 10"]);
  });
});

describe("the outbox", () => {
  /** `count` alerts that began and ended. */
  const happen = ({ feed }: ReturnType<typeof open>, count: number) => {
    for (let n = 0; n < count; n++) feed(95, 95, 95, 10);
  };

  it("keeps what the hub has not stored, oldest first", () => {
    const beacon = open();
    happen(beacon, 3);
    const ids = beacon.outbox.unacknowledged(100).map(({ id }) => id);
    expect(ids).toHaveLength(6);
    beacon.outbox.acknowledge(ids.slice(0, 3));
    expect(beacon.outbox.unacknowledged(2).map(({ id }) => id)).toEqual(ids.slice(3, 5));
    expect(beacon.outbox.history(100)).toHaveLength(6);
  });

  it("forgets what was stored when its month is over, and nothing else", () => {
    const beacon = open();
    happen(beacon, 2);
    const ids = beacon.outbox.unacknowledged(100).map(({ id }) => id);
    beacon.outbox.acknowledge(ids.slice(0, 2));
    beacon.clock.at += 31 * DAY_MS;
    beacon.outbox.prune();
    expect(beacon.outbox.history(100).map(({ id }) => id)).toEqual(ids.slice(2).toReversed());
  });

  it("drops the oldest when it is full, but never one half of an alert", () => {
    const beacon = open({ most: 4 });
    beacon.feed(95, 95, 95);
    const [lasting] = beacon.outbox.unacknowledged(1);
    beacon.outbox.acknowledge([lasting?.id ?? ""]);
    beacon.feed(10);
    happen(beacon, 5);
    beacon.feed(95, 95, 95);
    beacon.outbox.prune();
    const left = beacon.outbox.unacknowledged(100);
    // The end whose beginning the hub knows, one whole alert, and the beginning of what has not ended.
    expect(left.map(({ kind }) => kind)).toEqual(["resolved", "fired", "resolved", "fired"]);
    expect(left[0]?.firedAt).toBe(lasting?.firedAt);
    expect(left[1]?.firedAt).toBe(left[2]?.firedAt);
    beacon.outbox.prune();
    expect(beacon.outbox.unacknowledged(100)).toEqual(left);
  });
});

describe("a store of the former agent", () => {
  it("takes alerts in without losing what was in it", () => {
    const file = storeFile();
    const first = openStore(file);
    first.exec(
      `drop table alert_told; drop table alert; drop table alert_event; insert into setting values ('kept', '1');
       drop table series; drop table span; drop table roll_up_due; drop table owed_span; drop table gap; drop table ledger; drop table spent_token; drop table login_code;
       create table rollup (step_ms, at, values_json, reported_at)`,
    );
    first.pragma("user_version = 2");
    first.close();
    const { feed, outbox, db } = open({ file });
    feed(95, 95, 95);
    expect(outbox.unacknowledged(1)).toHaveLength(1);
    expect(db.prepare("select value from setting where key = 'kept'").get()).toEqual({ value: "1" });
  });
});
