import { expect, test } from "vitest";
import { draftOf, ruleOf } from "#hub/console/rule-draft.ts";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { AlertRule } from "#shared/alerts/rule.ts";

test.each(defaultAlertRules.map((rule) => [rule.id, rule] as const))(
  "%s comes back out of its form as it was",
  (_, rule) => {
    expect(AlertRule.parse(ruleOf(draftOf(rule)))).toEqual(rule);
  },
);

test("a form that makes no sense is no rule, and it is said where", () => {
  const wrong = (changes: object) =>
    AlertRule.safeParse(ruleOf({ ...draftOf(defaultAlertRules[2]), ...changes })).error?.issues[0]?.path[0];
  expect(wrong({ threshold: "" })).toBe("when");
  expect(wrong({ threshold: "much" })).toBe("when");
  expect(wrong({ until: "later" })).toBe("until");
  expect(wrong({ minutes: "-1" })).toBe("forMs");
  expect(wrong({ series: "a*b*c" })).toBe("measure");
  expect(wrong({ id: "Not A Name" })).toBe("id");
  expect(wrong({ title: "" })).toBe("title");
  expect(wrong({})).toBeUndefined();
});
