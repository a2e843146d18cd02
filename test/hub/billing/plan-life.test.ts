import { describe, expect, it } from "vitest";
import { type LifeFacts, nextOf, planLife } from "#hub/billing/plan-life.ts";
import type { SubscriptionAction } from "#hub/store/subscriptions.ts";

const DAY = 24 * 3_600_000;
const START = Date.UTC(2026, 0, 1);
const policy = { terminateAfterDays: 30 };
type Standing = LifeFacts["subscription"];
const active: Standing = {
  status: "active",
  pastDueSince: undefined,
  endedAt: undefined,
  trialEndsAt: undefined,
  isTakenBack: false,
};
const pastDue: Standing = { ...active, status: "past_due", pastDueSince: START };
const done = (...keys: readonly string[]): SubscriptionAction[] =>
  keys.map((key) => ({ key, isDone: true, attempts: 0 }));
const plan = (subscription: Standing, day: number, actions: readonly SubscriptionAction[] = []) => {
  const { due, nextAt } = planLife({ subscription, actions, now: START + day * DAY, policy });
  return { due: due.map(({ key }) => key.replace(`@${START}`, "")), next: nextAt && (nextAt - START) / DAY };
};

describe("what follows from a subscription", () => {
  it("is nothing while it is paid for", () => {
    expect(plan(active, 0)).toEqual({ due: [], next: undefined });
    expect(plan({ ...active, status: "incomplete" }, 0)).toEqual({ due: [], next: undefined });
    expect(plan({ ...active, status: "incomplete_expired", endedAt: START }, 99).due).toEqual([]);
  });

  it.each([
    { day: 0, due: ["remind-0"], next: 3 },
    { day: 2.9, due: ["remind-0"], next: 3 },
    { day: 3, due: ["remind-3"], next: 5 },
    { day: 5, due: ["remind-5"], next: 7 },
    { day: 7, due: ["remind-7", "suspend"], next: 37 },
    { day: 36.9, due: ["remind-7", "suspend"], next: 37 },
    { day: 37, due: ["remind-7", "suspend", "terminate"], next: undefined },
  ])("is on day $day of an unpaid invoice $due", ({ day, due, next }) => {
    expect(plan(pastDue, day)).toEqual({ due, next });
  });

  it("is done once in each episode", () => {
    expect(plan(pastDue, 4, done(`remind-0@${START}`, `remind-3@${START}`)).due).toEqual([]);
    const again = { ...pastDue, pastDueSince: START + 31 * DAY };
    expect(plan(again, 31, done(`remind-0@${START}`, `suspend@${START}`, `resume@${START}`)).due).toEqual([
      `remind-0@${START + 31 * DAY}`,
    ]);
  });

  it("is suspended when it is unpaid in either of Stripe's words", () => {
    expect(plan({ ...pastDue, status: "unpaid" }, 7).due).toEqual(["remind-7", "suspend"]);
  });

  it("is resumed when it is paid, also when the suspension was cut short", () => {
    expect(plan(active, 9, done(`suspend@${START}`)).due).toEqual(["resume"]);
    expect(plan(active, 9, [{ key: `suspend@${START}`, isDone: false, attempts: 1 }]).due).toEqual(["resume"]);
    expect(plan(active, 9, done(`suspend@${START}`, `resume@${START}`)).due).toEqual([]);
  });

  it("ends with the subscription: suspended at once, removed later", () => {
    const ended = { ...active, status: "canceled", endedAt: START };
    expect(plan(ended, 0)).toEqual({ due: ["suspend"], next: 30 });
    expect(plan(ended, 30, done(`suspend@${START}`))).toEqual({ due: ["terminate"], next: undefined });
  });

  it("is removed all the same when that was begun, and the subscription ended by it", () => {
    const ended = { ...active, status: "canceled", endedAt: START + 37 * DAY };
    const begun = { key: `terminate@${START}`, isDone: false, attempts: 1 };
    expect(plan(ended, 37, [...done(`suspend@${START}`), begun]).due).toEqual(["terminate"]);
  });

  it("is not suspended a second time when its customer cancels meanwhile", () => {
    const ended = { ...active, status: "canceled", endedAt: START + 9 * DAY };
    expect(plan(ended, 9, done(`suspend@${START}`))).toEqual({ due: [], next: 39 });
  });

  it("is nothing any more after it was removed, or given back", () => {
    expect(
      plan({ ...active, status: "canceled", endedAt: START + 37 * DAY }, 80, done(`terminate@${START}`)).due,
    ).toEqual([]);
    expect(plan({ ...pastDue, isTakenBack: true }, 50)).toEqual({ due: [], next: undefined });
  });

  it("is a warning three days before a trial ends, and none when it is over", () => {
    const trial = { ...active, status: "trialing", trialEndsAt: START + 14 * DAY };
    expect(plan(trial, 1)).toEqual({ due: [], next: 11 });
    expect(plan(trial, 11).due).toEqual([`trial-ending@${START + 14 * DAY}`]);
    expect(plan(trial, 12, done(`trial-ending@${START + 14 * DAY}`)).due).toEqual([]);
    expect(plan(trial, 15).due).toEqual([]);
  });
});

describe("what is told to come next", () => {
  const end = START + 31 * DAY;
  const next = (subscription: Partial<Standing & { readonly endsAt: number }>, day: number) => {
    const facts = { ...active, endsAt: undefined, periodEndsAt: end, ...subscription };
    const told = nextOf(facts, { policy, now: START + day * DAY });
    return told && `${told.what} ${(told.at - START) / DAY}`;
  };

  it("is the next invoice, the end of a trial, or the end that its customer wanted", () => {
    expect(next({}, 3)).toBe("invoice 31");
    expect(next({ status: "trialing", trialEndsAt: START + 14 * DAY }, 3)).toBe("trial-ends 14");
    expect(next({ endsAt: end }, 3)).toBe("ends 31");
    expect(next({ status: "trialing", trialEndsAt: START + 14 * DAY, endsAt: START + 14 * DAY }, 3)).toBe("ends 14");
  });

  it("is what planLife does, on the day on which it does it", () => {
    expect(next(pastDue, 6.9)).toBe("suspended 7");
    expect(plan(pastDue, 6.9).due).not.toContain("suspend");
    expect(plan(pastDue, 7).due).toContain("suspend");
    expect(next(pastDue, 7)).toBe("removed 37");
    expect(plan(pastDue, 37).due).toContain("terminate");
    const ended = { ...active, status: "canceled", endedAt: START };
    expect(next(ended, 1)).toBe("removed 30");
    expect(plan(ended, 30).due).toContain("terminate");
  });

  it("is nothing once all is done, taken back, or never began", () => {
    expect(next(pastDue, 37)).toBeUndefined();
    expect(next({ isTakenBack: true }, 1)).toBeUndefined();
    expect(next({ status: "incomplete_expired", endedAt: START }, 1)).toBeUndefined();
  });
});
