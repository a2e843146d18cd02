import type { Finding, FindingKind } from "#shared/api/reconcile.ts";
import { formatMoney } from "#shared/money.ts";
import type { Tone } from "#ui/components/status.tsx";

interface Words {
  readonly title: string;
  readonly tone: Tone;
}

export const findingWords: Readonly<Record<FindingKind, Words>> = {
  "customer-without-server": { title: "Paid, not delivered", tone: "bad" },
  "refund-owed": { title: "Refund owed", tone: "bad" },
  "beacon-without-vps": { title: "Server gone", tone: "bad" },
  "orphan-vps": { title: "Server for nobody", tone: "warn" },
  "duplicate-vps": { title: "Second server", tone: "warn" },
  "orphan-record": { title: "Leads nowhere", tone: "warn" },
  "orphan-subscription": { title: "Charged for nothing", tone: "bad" },
  "beacon-behind": { title: "Not what is paid for", tone: "bad" },
  "server-unpaid": { title: "Not paid any more", tone: "warn" },
  "unknown-vps": { title: "Unknown server", tone: "plain" },
  "unknown-subscription": { title: "Unknown subscription", tone: "plain" },
  "notice-untold": { title: "Perhaps not told", tone: "warn" },
  "mail-unsent": { title: "Mail not taken", tone: "warn" },
  unreachable: { title: "Not asked", tone: "off" },
};

/** Pure: what all of them cost a month, for example `$12.00 and €3.50`; `undefined` when no cost is known. */
export function costWords(findings: readonly Pick<Finding, "monthlyCents" | "currency">[]): string | undefined {
  const sums = new Map<string, number>();
  for (const { monthlyCents = 0, currency } of findings) {
    if (currency !== undefined && monthlyCents > 0) sums.set(currency, (sums.get(currency) ?? 0) + monthlyCents);
  }
  const words = [...sums].sort(([, a], [, b]) => b - a).map(([currency, cents]) => formatMoney(cents, currency));
  return words.length === 0 ? undefined : words.join(" and ");
}

/** Pure: where more is known of it. */
export function placeOf({ beacon, purchase, provider, kind }: Finding): { href: string; title: string } | undefined {
  if (kind === "unreachable" && provider !== undefined) return { href: "/providers", title: "To the providers" };
  if (purchase !== undefined) return { href: `/jobs?search=${encodeURIComponent(purchase)}`, title: "To its order" };
  if (beacon !== undefined) return { href: `/beacons/${beacon}`, title: "To its beacon" };
  return undefined;
}
