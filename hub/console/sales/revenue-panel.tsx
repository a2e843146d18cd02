import type { CurrencyRevenue, RevenueView, SubscriptionSum } from "#shared/api/revenue.ts";
import { formatMoney } from "#shared/money.ts";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { formatCount } from "#ui/format.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import type { SalesApi } from "./sales-api.ts";
import "./revenue-panel.css";

/** What subscriptions bring, at a glance: nothing where nothing is subscribed to. @param of Changes when it may have changed */
export function RevenuePanel({ api, of }: { api: Pick<SalesApi, "revenue">; of: string }) {
  const { data, problem } = useLoaded(api.revenue, of);
  return (
    <>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {/* In its place from the beginning, so that nothing below moves. */}
      {data === undefined && problem === undefined ? <div class="card revenue-to-come" aria-hidden="true" /> : null}
      {data?.currencies.map((revenue) => (
        <Revenue key={revenue.currency} revenue={revenue} />
      ))}
      {data === undefined || data.usage.length === 0 ? null : <Usage usage={data.usage} />}
    </>
  );
}

/** What was used this month, and is billed on top. */
const Usage = ({ usage }: Pick<RevenueView, "usage">) => (
  <p class="revenue-usage muted">
    Used this month, and billed on top:{" "}
    {usage
      .map(({ meter, value, untold }) => {
        const told = untold === 0 ? "" : `, ${untold.toLocaleString()} not told to Stripe yet`;
        return `${value.toLocaleString()} ${meter}${told}`;
      })
      .join("; ")}
    .
  </p>
);

/** As many as a glance takes in; the rest is one number. */
const SHOWN_BUNDLES = 5;

function Revenue({ revenue }: { revenue: CurrencyRevenue }) {
  const { currency, active, ending, trialing, pastDue, newThisMonth, lostThisMonth, openInvoices, bundles } = revenue;
  const money = (cents: number) => formatMoney(cents, currency);
  const words = ({ subscriptions, monthlyCents }: SubscriptionSum) =>
    `${formatCount(subscriptions, "subscription")}, ${money(monthlyCents)}`;
  const most = Math.max(...bundles.map(({ monthlyCents }) => monthlyCents), 1);
  const rest = bundles.slice(SHOWN_BUNDLES);
  return (
    <section class="card card-body revenue" aria-label={`Revenue in ${currency.toUpperCase()}`}>
      <div class="revenue-head">
        <p class="revenue-sum">
          <strong class="mono">{money(active.monthlyCents)}</strong>
          <span class="muted">
            a month, of {formatCount(active.subscriptions, "subscription")}
            {ending.subscriptions === 0 ? "" : `; ${money(ending.monthlyCents)} of it is cancelled`}
          </span>
        </p>
        <dl class="revenue-facts">
          <div>
            <dt>New this month</dt>
            <dd>{newThisMonth.subscriptions === 0 ? "none" : `+ ${words(newThisMonth)}`}</dd>
          </div>
          <div>
            <dt>Lost this month</dt>
            <dd>{lostThisMonth.subscriptions === 0 ? "none" : `− ${words(lostThisMonth)}`}</dd>
          </div>
          <div>
            <dt>On trial</dt>
            <dd>{trialing.subscriptions === 0 ? "none" : words(trialing)}</dd>
          </div>
          <div data-bad={pastDue.subscriptions === 0 ? undefined : ""}>
            <dt>Past due</dt>
            <dd>
              {pastDue.subscriptions === 0
                ? "none"
                : `${words(pastDue)}; ${money(openInvoices.cents)} owed on ${formatCount(openInvoices.invoices, "invoice")}`}
            </dd>
          </div>
        </dl>
      </div>
      <ul class="revenue-bundles" aria-label="By bundle">
        {bundles.slice(0, SHOWN_BUNDLES).map(({ bundle, title, subscriptions, monthlyCents }) => (
          <li key={bundle}>
            <span class="truncate">{title}</span>
            <span class="revenue-bar" aria-hidden="true">
              <span style={{ width: `${(monthlyCents / most) * 100}%` }} />
            </span>
            <span class="mono">{money(monthlyCents)}</span>
            <span class="mono faint" title={formatCount(subscriptions, "subscription")}>
              {subscriptions}×
            </span>
          </li>
        ))}
        {rest.length === 0 ? null : (
          <li class="muted">
            {formatCount(rest.length, "more bundle")},{" "}
            {money(rest.reduce((sum, { monthlyCents }) => sum + monthlyCents, 0))}
          </li>
        )}
      </ul>
    </section>
  );
}
