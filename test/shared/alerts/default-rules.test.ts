import { expect, it } from "vitest";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";

const rule = (id: string) => defaultAlertRules.find((one) => one.id === id);
const MINUTE_MS = 60_000;

it.each([
  ["cpu-busy", { measure: { series: "cpu_percent" }, when: { above: 90 }, forMs: 10 * MINUTE_MS }],
  ["memory-full", { measure: { part: "memory_used_bytes", of: "memory_total_bytes" }, when: { above: 90 } }],
  ["disk-filling", { measure: { part: "disk/*/used_bytes", of: "disk/*/total_bytes" }, when: { above: 85 } }],
  ["offline", { measure: { series: "offline_seconds" }, when: { above: 120 }, seenBy: "hub", severity: "critical" }],
  ["fleet-silent", { measure: { series: "fleet_silent_percent" }, when: { above: 50 }, seenBy: "hub" }],
  ["backup-old", { measure: { series: "backup/*/age_hours" }, when: { above: 48 } }],
  ["certificate-expiring", { measure: { series: "certificate/*/valid_days" }, when: { below: 14 } }],
  ["security-updates", { measure: { series: "security_updates_count" }, when: { above: 0 } }],
  ["reboot-required", { measure: { series: "reboot_required_count" }, when: { above: 0 } }],
])("the house watches for %s", (id, wanted) => expect(rule(id)).toMatchObject(wanted));

it("no rule silences itself, also not by way of others", () => {
  const causesOf = (id: string, seen: readonly string[] = []): readonly string[] =>
    (rule(id)?.unless ?? []).flatMap((cause) =>
      seen.includes(cause) ? [cause] : [cause, ...causesOf(cause, [...seen, cause])],
    );
  for (const { id } of defaultAlertRules) expect([id, causesOf(id)]).toEqual([id, expect.not.arrayContaining([id])]);
});
