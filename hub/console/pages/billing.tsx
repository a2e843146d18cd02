import { useMemo, useState } from "preact/hooks";
import type { SubscriptionView } from "#shared/api/billing.ts";
import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { ChangeDialog } from "../sales/change-dialog.tsx";
import { InvoiceList } from "../sales/invoice-list.tsx";
import { createSalesApi, type SalesApi } from "../sales/sales-api.ts";
import { SubscriptionRow } from "../sales/subscription-row.tsx";
import { listSubscriptions } from "../sales/subscription-words.ts";

/** What the reader pays for: their subscriptions, invoices, and the way to their card. */
export function BillingPage() {
  useTitle("Billing");
  const api = useMemo(createSalesApi, []);
  const toasts = useToasts();
  const { data, problem, reload } = useLoaded(api.subscriptions, "subscriptions");
  const [changed, setChanged] = useState<SubscriptionView>();
  const leaving = useTask(async () => window.location.assign(await api.portal()));
  const own = data === undefined ? undefined : listSubscriptions(data.subscriptions, { filter: "all", search: "" });
  const hasSome = own !== undefined && own.length > 0;
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Billing</h1>
          <p class="sub">What you pay for, and your invoices.</p>
        </div>
        {hasSome ? (
          <div class="actions">
            <Button icon="external" busy={leaving.busy} onClick={() => void leaving.run()}>
              Change card or cancel
            </Button>
          </div>
        ) : null}
      </div>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {leaving.problem === undefined ? null : <ProblemBox problem={leaving.problem} />}
      {own === undefined && problem === undefined ? <Skeleton lines={4} /> : null}
      {own?.length === 0 ? (
        <Empty title="You pay for nothing here">What you subscribe to is listed here, with its invoices.</Empty>
      ) : null}
      {data === undefined || !hasSome ? null : (
        <>
          <ul class="rows card" aria-label="Subscriptions">
            {own.map((one) => (
              <SubscriptionRow key={one.id} subscription={one} prices={data.prices}>
                {one.status === "active" || one.status === "trialing" ? (
                  <Button size="small" label={`Change what ${one.beaconName} has`} onClick={() => setChanged(one)}>
                    Change
                  </Button>
                ) : null}
              </SubscriptionRow>
            ))}
          </ul>
          <Invoices api={api} />
        </>
      )}
      {changed === undefined || data === undefined ? null : (
        <ChangeDialog
          subscription={changed}
          onSale={data}
          change={async (prices) => {
            await api.change(changed.id, prices);
            toasts.show("good", `${changed.beaconName} is changed. Its server follows.`);
            reload();
          }}
          onClose={() => setChanged(undefined)}
        />
      )}
    </>
  );
}

/** Asked of Stripe, which takes a moment and may be away: the rest of the page does not wait for it. */
function Invoices({ api }: { api: SalesApi }) {
  const { data, problem, reload } = useLoaded(api.invoices, "invoices");
  return (
    <section class="section" aria-label="Invoices">
      <div class="section-head">
        <h2>Invoices</h2>
      </div>
      {problem === undefined ? null : (
        <ProblemBox problem={problem}>
          <Button size="small" icon="retry" onClick={reload}>
            Try again
          </Button>
        </ProblemBox>
      )}
      {data === undefined && problem === undefined ? <Skeleton lines={3} /> : null}
      {data?.length === 0 ? <p class="muted">The first one comes when your trial is over.</p> : null}
      {data === undefined || data.length === 0 ? null : <InvoiceList invoices={data} own />}
    </section>
  );
}
