import type { InvoiceView } from "#shared/api/billing.ts";
import { formatMoney } from "#shared/money.ts";
import { Button } from "#ui/components/button.tsx";
import { Status, type Tone } from "#ui/components/status.tsx";
import "./invoice-list.css";

/** As Stripe has them: https://docs.stripe.com/invoicing/overview#invoice-statuses */
const statusWords: Readonly<Record<string, readonly [tone: Tone, word: string]>> = {
  open: ["warn", "Open"],
  paid: ["good", "Paid"],
  void: ["off", "Void"],
  uncollectible: ["bad", "Not collectible"],
};

const dateOf = (at: number) => new Date(at).toLocaleDateString(undefined, { dateStyle: "medium" });

export interface InvoiceListProps {
  readonly invoices: readonly InvoiceView[];
  /** The reader is who has to pay them. */
  readonly own?: boolean;
}

/** Invoices, with the PDF of each and the page where an open one is paid. */
export const InvoiceList = ({ invoices, own = false }: InvoiceListProps) => (
  <ul class="rows card" aria-label="Invoices">
    {invoices.map(({ id, number, status, totalCents, currency, at, url, pdf }) => {
      const [tone, word] = statusWords[status] ?? ["plain", status];
      const verb = own && status === "open" ? "Pay" : "See";
      return (
        <li key={id} class="invoice-row">
          <span class="invoice-what">
            <strong class="mono">{number ?? "Invoice"}</strong>
            <span class="muted">{dateOf(at)}</span>
          </span>
          <Status tone={tone}>{word}</Status>
          <span class="mono invoice-sum">{formatMoney(totalCents, currency)}</span>
          <span class="invoice-links">
            {url === undefined ? null : (
              <Button
                size="small"
                kind={verb === "Pay" ? "primary" : "quiet"}
                icon="external"
                href={url}
                beside
                label={`${verb} ${number ?? "the invoice"}`}
              >
                {verb}
              </Button>
            )}
            {pdf === undefined ? null : (
              <Button
                size="small"
                kind="quiet"
                icon="download"
                href={pdf}
                beside
                label={`PDF of ${number ?? "the invoice"}`}
              >
                PDF
              </Button>
            )}
          </span>
        </li>
      );
    })}
  </ul>
);
