import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { type AlertRule, AlertRules } from "#shared/alerts/rule.ts";
import type { SettingStore } from "../store/settings.ts";

/** What all beacons are watched for, as the operator wants it. */
export interface AlertRuleBook {
  current(): Promise<readonly AlertRule[]>;
  put(rules: readonly AlertRule[], actor: string): Promise<void>;
}

const KEY = "alert-rules";

export interface AlertRuleBookParts {
  readonly settings: SettingStore;
  readonly onChange: () => Promise<void>;
  readonly now: () => number;
}

export function createAlertRuleBook({ settings, onChange, now }: AlertRuleBookParts): AlertRuleBook {
  let known: readonly AlertRule[] | undefined;
  return {
    current: async () => {
      const text = known === undefined ? await settings.get(KEY) : undefined;
      known ??= text === undefined ? defaultAlertRules : AlertRules.parse(JSON.parse(text));
      return known;
    },
    put: async (rules, actor) => {
      const details = { rules: rules.map(({ id }) => id) };
      const line = { actor, action: "alert-rules.change", subject: KEY, details };
      await settings.put(KEY, JSON.stringify(rules), { at: now(), line });
      known = rules;
      await onChange();
    },
  };
}
