import { describe, expect, it } from "vitest";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { type Alert, type AlertEvent, evaluate } from "#shared/alerts/evaluate.ts";
import { AlertRules } from "#shared/alerts/rule.ts";

type Rules = Parameters<typeof AlertRules.parse>[0];

/** Feeds one sample after the other, ten seconds apart, and tells what was said at each. */
function told(rules: Rules, samples: readonly Record<string, number>[]) {
  let alerts: Alert[] = [];
  const said: string[] = [];
  const events: AlertEvent[] = [];
  for (const [index, values] of samples.entries()) {
    const outcome = evaluate({ rules: AlertRules.parse(rules), alerts, values, at: index * 10_000 });
    alerts = outcome.alerts;
    events.push(...outcome.events);
    for (const { kind, rule, subject } of outcome.events) said.push([index, kind, rule, subject].join(" ").trim());
  }
  return { said, alerts, events };
}

const rule = (extra: Record<string, unknown> = {}) => ({
  id: "busy",
  title: "{value} % busy",
  severity: "warning",
  measure: { series: "cpu_percent" },
  when: { above: 90 },
  forMs: 20_000,
  ...extra,
});
const cpu = (...percents: number[]) => percents.map((percent) => ({ cpu_percent: percent }));

describe("one rule", () => {
  it("fires once what is wrong has held for its time, and says when it is over", () => {
    const { said, events } = told([rule()], cpu(95, 95, 95.55, 99, 50, 50));
    expect(said).toEqual(["2 fired busy", "4 resolved busy"]);
    expect(events).toMatchObject([
      { title: "95.6 % busy", at: 20_000, firedAt: 20_000 },
      { title: "50 % busy", at: 40_000, firedAt: 20_000 },
    ]);
  });

  it("begins anew after a break", () => {
    expect(told([rule()], cpu(95, 95, 10, 95, 95)).said).toEqual([]);
  });

  it("does not flap between its threshold and the value at which it is over", () => {
    const { said } = told([rule({ until: 80, forMs: 0 })], cpu(91, 85, 91, 85, 80, 85, 91));
    expect(said).toEqual(["0 fired busy", "4 resolved busy", "6 fired busy"]);
  });

  it("watches what must not be too low", () => {
    const low = rule({ when: { below: 14 }, until: 20, forMs: 0 });
    expect(told([low], cpu(14, 13, 15, 20)).said).toEqual(["1 fired busy", "3 resolved busy"]);
  });

  it("tells each thing by itself", () => {
    const disks = rule({ measure: { part: "disk/*/used_bytes", of: "disk/*/total_bytes" }, forMs: 0 });
    const disk = (mount: string, used: number, total: number) => ({
      [`disk/${mount}/used_bytes`]: used,
      [`disk/${mount}/total_bytes`]: total,
    });
    const samples = [
      { ...disk("/", 91, 100), ...disk("/srv", 10, 100), ...disk("/empty", 5, 0) },
      { ...disk("/", 91, 100), ...disk("/srv", 95, 100) },
    ];
    expect(told([disks], samples).said).toEqual(["0 fired busy /", "1 fired busy /srv"]);
  });

  it("holds its breath while nothing is measured, and lets go of what is gone", () => {
    const silence = (count: number) => Array.from({ length: count }, () => ({}));
    const kept = told([rule()], [...cpu(95, 95, 95), ...silence(29), ...cpu(95)]);
    expect(kept.said).toEqual(["2 fired busy"]);
    const gone = told([rule()], [...cpu(95, 95, 95), ...silence(30)]);
    expect(gone.said).toEqual(["2 fired busy", "32 resolved busy"]);
  });

  it("gives the same event for the same sample, and nothing new for one that it knows", () => {
    const rules = AlertRules.parse([rule({ forMs: 0 })]);
    const once = evaluate({ rules, alerts: [], values: { cpu_percent: 95 }, at: 1000 });
    expect(evaluate({ rules, alerts: [], values: { cpu_percent: 95 }, at: 1000 })).toEqual(once);
    expect(evaluate({ rules, alerts: once.alerts, values: { cpu_percent: 95 }, at: 1000 }).events).toEqual([]);
  });

  it("ends when the rule is taken away, and whoever was told of it is told that", () => {
    const { alerts } = told([rule({ forMs: 0 })], cpu(95));
    const after = evaluate({ rules: [], alerts, values: { cpu_percent: 95 }, at: 10_000 });
    expect(after).toMatchObject({ alerts: [], events: [{ kind: "resolved", rule: "busy", firedAt: 0, at: 10_000 }] });
    const pending = told([rule()], cpu(95)).alerts;
    expect(evaluate({ rules: [], alerts: pending, values: {}, at: 10_000 })).toEqual({ alerts: [], events: [] });
  });

  it("lets go of what is gone, also when the clock was set back meanwhile", () => {
    const rules = AlertRules.parse([rule({ forMs: 0 })]);
    let { alerts } = evaluate({ rules, alerts: [], values: { cpu_percent: 95 }, at: 86_400_000 });
    const saidAt: number[] = [];
    for (let at = 10_000; at <= 400_000; at += 10_000) {
      const after = evaluate({ rules, alerts, values: {}, at });
      if (after.events.length > 0) saidAt.push(at);
      alerts = after.alerts;
    }
    expect(saidAt).toEqual([310_000]);
  });

  it("counts from now on when the clock was set back", () => {
    const rules = AlertRules.parse([rule()]);
    const { alerts } = evaluate({ rules, alerts: [], values: { cpu_percent: 95 }, at: 86_400_000 });
    expect(evaluate({ rules, alerts, values: { cpu_percent: 95 }, at: 1000 }).alerts).toMatchObject([{ since: 1000 }]);
  });
});

describe("causes", () => {
  it("keep what cannot be measured because of them as it was", () => {
    const docker = rule({ id: "away", title: "away", measure: { series: "away" }, when: { above: 0 }, forMs: 0 });
    const ill = rule({
      id: "ill",
      title: "ill",
      measure: { series: "ill" },
      when: { above: 0 },
      forMs: 0,
      unless: ["away"],
    });
    const blind = Array.from({ length: 60 }, () => ({ away: 1 }));
    const { said } = told([docker, ill], [{ away: 0, ill: 1 }, ...blind, { away: 0, ill: 0 }]);
    expect(said.toSorted()).toEqual(["0 fired ill", "1 fired away", "61 resolved away", "61 resolved ill"]);
  });

  const away = rule({ id: "away", title: "away", measure: { series: "away" }, when: { above: 0 }, forMs: 0 });
  const app = rule({
    id: "app",
    title: "app",
    measure: { series: "broken" },
    when: { above: 0 },
    forMs: 0,
    unless: ["away"],
  });

  it("keep silent what they explain, also within one sample and in any order of the rules", () => {
    for (const rules of [
      [away, app],
      [app, away],
    ]) {
      expect(
        told(rules, [
          { away: 1, broken: 1 },
          { away: 1, broken: 1 },
        ]).said,
      ).toEqual(["0 fired away"]);
    }
  });

  it("let go of what outlasts them", () => {
    const { said } = told(
      [away, app],
      [
        { away: 1, broken: 1 },
        { away: 0, broken: 1 },
        { away: 0, broken: 1 },
      ],
    );
    expect(said).toEqual(["0 fired away", "1 resolved away", "2 fired app"]);
  });

  it("do not take back what was told before them", () => {
    const { said } = told(
      [away, app],
      [
        { away: 0, broken: 1 },
        { away: 1, broken: 1 },
        { away: 0, broken: 0 },
      ],
    );
    expect(said).toEqual(["0 fired app", "1 fired away", "2 resolved away", "2 resolved app"]);
  });
});

describe("rules as data", () => {
  it("are refused by name when they do not fit together", () => {
    const refused = AlertRules.safeParse([rule(), rule({ unless: ["other"] }), rule({ id: "Bad Id" })]);
    expect(refused.error?.issues.map(({ message }) => message)).toContain(
      "expected a name like disk-full: a-z, 0-9 and hyphens",
    );
    const disagreeing = AlertRules.safeParse([rule(), rule({ unless: ["other"] })]);
    expect(disagreeing.error?.issues.map(({ message }) => message)).toEqual([
      "there are two rules busy",
      "there is no rule other",
    ]);
  });

  it("tell nothing of a beacon that is well", () => {
    const well = {
      cpu_percent: 20,
      memory_used_bytes: 1,
      memory_total_bytes: 4,
      "disk///used_bytes": 10,
      "disk///total_bytes": 100,
      reboot_required_count: 0,
      security_updates_count: 0,
      "certificate/ada.example.org/valid_days": 60,
    };
    const samples = Array.from({ length: 400 }, () => well);
    expect(told(defaultAlertRules, samples).alerts).toEqual([]);
  });

  it("tell of a disk that fills: first a warning, then that apps may stop", () => {
    const disk = (used: number) => ({ "disk///used_bytes": used, "disk///total_bytes": 100 });
    const filling = [86, 86, 86, 86, 86, 86, 86, 96, 96, 90, 81].map(disk);
    const { events } = told(defaultAlertRules, filling);
    expect(events.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      "fired: The disk at / is 86 % full",
      "fired: The disk at / is 96 % full: apps may stop working",
      "resolved: The disk at / is 90 % full: apps may stop working",
      "resolved: The disk at / is 81 % full",
    ]);
  });
});
