import { Problem } from "#shared/problem.ts";
import type { Billing } from "../billing/billing.ts";
import type { Dns } from "../dns/dns.ts";
import type { ProviderMarket } from "../providers/market.ts";
import type { Done, KeptFinding } from "../store/findings.ts";
import type { Observe } from "./observe.ts";
import { planFindings } from "./plan-findings.ts";
import type { PlannedFinding } from "./planned-finding.ts";
import type { Scene } from "./scene.ts";

export interface PutRightParts {
  readonly observe: Pick<Observe, "again">;
  readonly market: Pick<ProviderMarket, "open">;
  readonly dns: Pick<Dns, "remove">;
  /** `undefined` where nothing is sold. */
  readonly billing: Pick<Billing, "takeBack"> | undefined;
  readonly now: () => number;
}

/**
 * Puts a finding right, when it is so still: who is concerned is asked again, and what they say is planned again from nothing. `onBegin` is
 * awaited right before anything is changed.
 * @returns what was done, in words; `undefined` when it is not certain any more
 * @throws {Problem} what the provider or Stripe throws
 */
export type PutRight = (
  finding: PlannedFinding,
  scene: Scene,
  onBegin: () => Promise<void>,
) => Promise<string | undefined>;

export const createPutRight =
  ({ observe, market, dns, billing, now }: PutRightParts): PutRight =>
  async ({ id, provider, beacon }, scene, onBegin) => {
    const its = scene.books.beacons.find((one) => one.id === beacon)?.provider;
    const again = await observe.again([provider, its].filter((name) => name !== undefined));
    const { findings } = planFindings({ ...scene, ...again, now: now() });
    const fix = findings.find((one) => one.id === id)?.fix;
    if (fix === undefined) return undefined;
    if (fix.kind === "take-back") {
      if (billing === undefined) throw nothingSold();
      await onBegin();
      await billing.takeBack(fix.purchase);
      return "What was paid is given back, and nothing more is charged.";
    }
    if (fix.kind === "remove-records") {
      await onBegin();
      await dns.remove(fix.domain);
      return "It leads nowhere any more.";
    }
    const at = await market.open(fix.provider);
    await onBegin();
    await at.remove(fix.vps);
    const asked = again.providers.find(({ name }) => name === fix.provider);
    return asked?.rentsByTerm === true
      ? "It is switched off and cancelled, and paid for until its month is over."
      : "It is removed.";
  };

/** A finding that was put right, with the line of the audit log that tells it. */
export const doneOf = (
  { id, kind, subject, provider, beacon, purchase }: Omit<KeptFinding, "resolvable">,
  actor: string,
  outcome: string,
): Done => ({
  outcome,
  audit: {
    actor,
    action: kind === "orphan-record" ? "dns.remove" : provider === undefined ? "purchase.take-back" : "vps.remove",
    subject,
    details: { finding: id, kind, provider, beacon, purchase, outcome },
  },
});

const nothingSold = () =>
  new Problem("conflict", "nothing is sold on this hub any more, and so nothing can be given back", {
    hint: "Set billing.stripe in its configuration.",
  });
