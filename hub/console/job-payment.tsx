import { useMemo } from "preact/hooks";
import type { PaymentView } from "#shared/api/billing.ts";
import type { JobView } from "#shared/api/hub.ts";
import { formatMoney } from "#shared/money.ts";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { Status, type Tone } from "#ui/components/status.tsx";
import { formatMoment } from "#ui/format.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { InvoiceList } from "./sales/invoice-list.tsx";
import { createSalesApi, type SalesApi } from "./sales/sales-api.ts";
import "./job-payment.css";

const paymentWords: Readonly<Record<PaymentView["state"], readonly [tone: Tone, words: string]>> = {
  none: ["off", "Nothing to pay"],
  open: ["warn", "Not paid yet"],
  paid: ["good", "Paid"],
  lapsed: ["off", "Not paid in time"],
  "taking-back": ["busy", "Being given back"],
  "taken-back": ["off", "Given back"],
};

/** What was bought with an order, for how much, and how far its payment has come. */
export function JobPayment({ job }: { job: JobView }) {
  const api = useMemo(createSalesApi, []);
  // A payment changes when its job goes on.
  const { data, problem } = useLoaded(() => api.payment(job.purchase), `${job.purchase} ${job.events.length}`);
  const { sale } = job;
  if (problem !== undefined) return <ProblemBox problem={problem} />;
  if (data?.state === "none" && sale === undefined) return null;
  const [tone, words] = paymentWords[data?.state ?? "none"];
  return (
    <section class="section" aria-label="Payment">
      <div class="section-head">
        <h2>Payment</h2>
      </div>
      <div class="card card-body">
        {data === undefined ? (
          <Skeleton lines={2} />
        ) : (
          <dl class="facts">
            <div>
              <dt>Payment</dt>
              <dd>
                <Status tone={tone}>
                  {data.state === "paid" && data.trialDays !== undefined ? "On trial" : words}
                </Status>
                {data.since === undefined ? null : <span class="job-paid muted">{formatMoment(data.since)}</span>}
              </dd>
            </div>
            {sale === undefined ? null : (
              <>
                <div>
                  <dt>Bought</dt>
                  <dd>
                    {sale.bundle} {sale.tier.toUpperCase()}
                  </dd>
                </div>
                <div>
                  <dt>A month</dt>
                  <dd class="mono">{formatMoney(sale.monthlyCents, sale.currency)}</dd>
                </div>
                {sale.approvedAt === undefined ? null : (
                  <div>
                    <dt>Let pass</dt>
                    <dd>{formatMoment(sale.approvedAt)}</dd>
                  </div>
                )}
              </>
            )}
            {data.subscription === undefined ? null : (
              <div>
                <dt>Subscription</dt>
                <dd>
                  <a class="link mono" href={`/sales?search=${data.subscription}`}>
                    {data.subscription}
                  </a>
                </dd>
              </div>
            )}
          </dl>
        )}
      </div>
      {data?.subscription === undefined ? null : <Invoices api={api} subscription={data.subscription} />}
    </section>
  );
}

/** Asked of Stripe, which takes a moment and may be away: the rest of the page does not wait for it. */
function Invoices({ api, subscription }: { api: SalesApi; subscription: string }) {
  const { data, problem } = useLoaded(() => api.invoicesOf(subscription), subscription);
  return (
    <div class="job-invoices">
      {problem !== undefined ? (
        <ProblemBox problem={problem} />
      ) : data === undefined ? (
        <Skeleton lines={2} />
      ) : data.length === 0 ? (
        <p class="muted">No invoice yet.</p>
      ) : (
        <InvoiceList invoices={data} />
      )}
    </div>
  );
}
