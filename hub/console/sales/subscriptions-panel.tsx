import { useMemo, useState } from "preact/hooks";
import type { SubscriptionsView, SubscriptionView } from "#shared/api/billing.ts";
import { Button } from "#ui/components/button.tsx";
import { FilterChips } from "#ui/components/filter-chips.tsx";
import { Menu } from "#ui/components/menu.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { SearchBox } from "#ui/components/search-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { useRouter } from "#ui/router.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { ChangeDialog } from "./change-dialog.tsx";
import { CreditDialog } from "./credit-dialog.tsx";
import { RevenuePanel } from "./revenue-panel.tsx";
import { createSalesApi } from "./sales-api.ts";
import { SubscriptionRow } from "./subscription-row.tsx";
import {
  countSubscriptions,
  formatFilter,
  listSubscriptions,
  parseFilter,
  type SubscriptionFilter,
  type SubscriptionsFilter,
  subscriptionFilters,
} from "./subscription-words.ts";
import "./subscriptions-panel.css";

/** Who pays for what, what it brings, and what becomes of it. */
export function SubscriptionsPanel() {
  const api = useMemo(createSalesApi, []);
  const router = useRouter();
  const toasts = useToasts();
  const { data, problem, reload } = useLoaded(api.subscriptions, "subscriptions");
  const [asked, ask] = useState<{ readonly what: "change" | "credit"; readonly of: SubscriptionView }>();
  const view = parseFilter(router.query.value);
  const change = (to: SubscriptionsFilter, how?: { replace: boolean }) => router.show(formatFilter(to), how);
  const all = data?.subscriptions;
  const shown = listSubscriptions(all ?? [], view);
  const close = () => ask(undefined);
  return (
    <>
      {all === undefined || all.length === 0 ? null : <RevenuePanel api={api} of={revenueKey(all)} />}
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {all === undefined && problem === undefined ? <Skeleton lines={6} /> : null}
      {all?.length === 0 ? <NothingYet currency={data?.currency} /> : null}
      {all === undefined || all.length === 0 ? null : <Controls all={all} view={view} onChange={change} />}
      {all !== undefined && all.length > 0 && shown.length === 0 ? (
        <Empty
          title="No subscription matches"
          action={<Button onClick={() => change(parseFilter(""))}>Show all subscriptions</Button>}
        >
          {view.search === ""
            ? "None is like that now."
            : `None of these has “${view.search}” in its beacon, customer or id.`}
        </Empty>
      ) : null}
      {data === undefined || shown.length === 0 ? null : (
        <ul class="rows card" aria-label="Subscriptions">
          {shown.map((one) => (
            <SubscriptionRow
              key={one.id}
              subscription={one}
              prices={data.prices}
              of={
                <a class="truncate" href={`/jobs?search=${encodeURIComponent(one.purchase)}`}>
                  {one.email}
                </a>
              }
            >
              <Menu
                label={`What to do about ${one.beaconName}`}
                items={[
                  {
                    title: "Change what it has",
                    icon: "pen",
                    disabled: one.status !== "active" && one.status !== "trialing",
                    onPick: () => ask({ what: "change", of: one }),
                  },
                  { title: "Give credit", icon: "coin", onPick: () => ask({ what: "credit", of: one }) },
                  {
                    title: "Its order",
                    icon: "list",
                    onPick: () => router.navigate(`/jobs?search=${encodeURIComponent(one.purchase)}`),
                  },
                ]}
              />
            </SubscriptionRow>
          ))}
        </ul>
      )}
      {asked?.what === "change" && data !== undefined ? (
        <ChangeDialog
          subscription={asked.of}
          onSale={data}
          change={async (prices) => {
            await api.change(asked.of.id, prices);
            toasts.show("good", `${asked.of.beaconName} is changed. Its server follows.`);
            reload();
          }}
          onClose={close}
        />
      ) : null}
      {asked?.what === "credit" ? (
        <CreditDialog
          subscription={asked.of}
          currency={asked.of.currency ?? data?.currency ?? "usd"}
          api={api}
          onClose={close}
        />
      ) : null}
    </>
  );
}

/** What the revenue follows from: it is asked again when that has changed. */
const revenueKey = (all: readonly SubscriptionView[]): string =>
  all.map(({ id, status, monthlyCents }) => `${id} ${status} ${monthlyCents}`).join();

/** Without a currency nothing is sold at all. */
const NothingYet = ({ currency }: Pick<SubscriptionsView, "currency">) =>
  currency === undefined ? (
    <Empty title="This hub sells nothing">
      Orders are placed by hand and cost nothing. To sell, tell the hub of a Stripe account: docs/billing.md has the
      way.
    </Empty>
  ) : (
    <Empty title="Nobody has subscribed yet" action={<Button href="/jobs">To the orders</Button>}>
      Who orders in the shop and pays is listed here. An order that waits for its payment is among the jobs.
    </Empty>
  );

const filterWords: Readonly<Record<SubscriptionFilter, string>> = {
  all: "All",
  active: "Active",
  trial: "On trial",
  late: "Past due",
  ending: "Cancelled",
  ended: "Ended",
};

interface ControlsProps {
  readonly all: readonly SubscriptionView[];
  readonly view: SubscriptionsFilter;
  readonly onChange: (view: SubscriptionsFilter, how?: { replace: boolean }) => void;
}

/** How many there are of each kind, which lists only those when it is pressed; and a search. */
const Controls = ({ all, view, onChange }: ControlsProps) => (
  <div class="subscription-controls">
    <FilterChips
      filters={subscriptionFilters
        .map((filter) => ({ filter, title: filterWords[filter], count: countSubscriptions(all, filter) }))
        .filter(({ filter, count }) => filter === "all" || count > 0 || filter === view.filter)}
      chosen={view.filter}
      onChoose={(filter) => onChange({ ...view, filter })}
    />
    <SearchBox
      label="Search subscriptions"
      value={view.search}
      onInput={(search) => onChange({ ...view, search }, { replace: true })}
    />
  </div>
);
