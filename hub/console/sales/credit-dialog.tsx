import { useMemo, useState } from "preact/hooks";
import type { SubscriptionView } from "#shared/api/billing.ts";
import { formatMoney, parseMoney } from "#shared/money.ts";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useTask } from "#ui/use-task.ts";
import type { SalesApi } from "./sales-api.ts";
import { MAX_CREDIT } from "./subscription-words.ts";

export interface CreditDialogProps {
  readonly subscription: SubscriptionView;
  readonly currency: string;
  readonly api: Pick<SalesApi, "credit">;
  readonly onClose: () => void;
}

/** Gives a customer something for the next invoices. However often it is sent, it is given once. */
export function CreditDialog({ subscription, currency, api, onClose }: CreditDialogProps) {
  const { id: subscriptionId, beaconName, email } = subscription;
  const toasts = useToasts();
  const id = useMemo(() => crypto.randomUUID(), []);
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const [strict, setStrict] = useState(false);
  const typed = parseMoney(amount, currency) ?? 0;
  const cents = typed > 0 && typed <= MAX_CREDIT ? typed : undefined;
  const giving = useTask(async (sum: number) => {
    await api.credit(subscriptionId, { id, cents: sum, reason: reason.trim() });
    toasts.show("good", `${email} gets ${formatMoney(sum, currency)} with the next invoice.`);
    onClose();
  });
  const unit = currency.toUpperCase();
  return (
    <Dialog
      title={`Credit the owner of ${beaconName}`}
      size="small"
      onClose={onClose}
      steady
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="credit-form" busy={giving.busy}>
            {cents === undefined ? "Give credit" : `Give ${formatMoney(cents, currency)}`}
          </Button>
        </>
      }
    >
      <form
        id="credit-form"
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setStrict(true);
          if (cents !== undefined && reason.trim() !== "") void giving.run(cents);
        }}
      >
        <p>It is taken off the next invoices of {email}, and cannot be taken back here.</p>
        <Field
          label={`Amount in ${unit}`}
          wrong={
            cents === undefined && (strict || amount !== "")
              ? `An amount up to ${formatMoney(MAX_CREDIT, currency)}.`
              : undefined
          }
        >
          {(input) => (
            <input
              {...input}
              class="input mono"
              type="text"
              inputMode="decimal"
              autocomplete="off"
              placeholder="5.00"
              value={amount}
              onInput={({ currentTarget }) => setAmount(currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="Reason"
          note="It stands beside the credit at Stripe."
          wrong={strict && reason.trim() === "" ? "A reason is needed." : undefined}
        >
          {(input) => (
            <input
              {...input}
              class="input"
              type="text"
              autocomplete="off"
              maxLength={200}
              value={reason}
              onInput={({ currentTarget }) => setReason(currentTarget.value)}
            />
          )}
        </Field>
        {giving.problem === undefined ? null : <ProblemBox problem={giving.problem} />}
      </form>
    </Dialog>
  );
}
