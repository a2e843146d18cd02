import type { ComponentChildren } from "preact";
import type { PriceOnSale, SubscriptionView } from "#shared/api/billing.ts";
import { formatMoney } from "#shared/money.ts";
import { Status } from "#ui/components/status.tsx";
import { boughtWords, formatDay, isThreat, nextWords, standingOf } from "./subscription-words.ts";
import "./subscription-row.css";

export interface SubscriptionRowProps {
  readonly subscription: SubscriptionView;
  readonly prices: readonly PriceOnSale[];
  /** Below the name of the beacon. */
  readonly of?: ComponentChildren;
  /** What can be done about it. */
  readonly children: ComponentChildren;
}

/** What somebody pays for, how it stands, and what comes next. */
export function SubscriptionRow({ subscription, prices, of, children }: SubscriptionRowProps) {
  const { beaconName, prices: keys, monthlyCents, currency, next } = subscription;
  const { tone, word } = standingOf(subscription);
  const [bundle, ...rest] = boughtWords(keys, prices);
  return (
    <li class="subscription-row" aria-label={beaconName}>
      <span class="subscription-who">
        <strong>{beaconName}</strong>
        {of === undefined ? null : <span class="muted">{of}</span>}
      </span>
      <span class="subscription-what">
        <span>{bundle}</span>
        {rest.length === 0 ? null : <span class="muted">with {rest.join(", ")}</span>}
      </span>
      <span class="subscription-state">
        <Status tone={tone}>{word}</Status>
        {next === undefined ? null : (
          <span class={isThreat(next) ? "subscription-threat" : "muted"}>
            {nextWords[next.what]} {formatDay(next.at)}
          </span>
        )}
      </span>
      <span class="mono subscription-price">
        {monthlyCents === undefined || currency === undefined ? "–" : formatMoney(monthlyCents, currency)}
        <span class="muted">a month</span>
      </span>
      <span class="subscription-actions">{children}</span>
    </li>
  );
}
