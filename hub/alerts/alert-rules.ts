import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { type AlertRule, AlertRules } from "#shared/alerts/rule.ts";
import type { SettingStore } from "../store/settings.ts";

/** What all beacons are watched for, as the operator wants it. */
export interface AlertRuleBook {
  current(): Promise<readonly AlertRule[]>;
  put(rules: readonly AlertRule[]): Promise<void>;
}

const KEY = "alert-rules";

export function createAlertRuleBook(settings: SettingStore, onChange: () => Promise<void>): AlertRuleBook {
  let known: readonly AlertRule[] | undefined;
  return {
    current: async () => {
      const text = known === undefined ? await settings.get(KEY) : undefined;
      known ??= text === undefined ? defaultAlertRules : AlertRules.parse(JSON.parse(text));
      return known;
    },
    put: async (rules) => {
      await settings.put(KEY, JSON.stringify(rules));
      known = rules;
      await onChange();
    },
  };
}
