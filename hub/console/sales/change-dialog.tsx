import { useState } from "preact/hooks";
import type { SubscriptionsView, SubscriptionView } from "#shared/api/billing.ts";
import { formatMoney } from "#shared/money.ts";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";
import { boughtWords, offersOf, sumOf } from "./subscription-words.ts";
import "./change-dialog.css";

export interface ChangeDialogProps {
  readonly subscription: SubscriptionView;
  readonly onSale: Pick<SubscriptionsView, "prices" | "currency">;
  readonly change: (prices: string[]) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Another bundle, tier or storage; add-ons that come and go. Says what it costs before it does. */
export function ChangeDialog({ subscription, onSale, change, onClose }: ChangeDialogProps) {
  const { beaconName, prices: before, monthlyCents } = subscription;
  const { prices, currency = "usd" } = onSale;
  const { bundles, addOns, storage } = offersOf(prices);
  const [bundle, setBundle] = useState(before.find((key) => key.startsWith("bundle_")) ?? "");
  const [room, setRoom] = useState(before.find((key) => key.startsWith("storage_")) ?? "");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set(before.filter((key) => key.startsWith("addon_"))));
  const wanted = [bundle, ...picked, ...(room === "" ? [] : [room])];
  const isSame = wanted.length === before.length && wanted.every((key) => before.includes(key));
  const isKnown = (key: string) => prices.some((price) => price.key === key);
  const gone = wanted.filter((key) => !isKnown(key));
  const saving = useTask(async () => {
    await change(wanted);
    onClose();
  });
  const title = (price: { title: string; priceCents: number }) =>
    `${price.title}, ${formatMoney(price.priceCents, currency)}`;
  return (
    <Dialog
      title={`Change what ${beaconName} has`}
      onClose={onClose}
      steady
      foot={
        <>
          <span class="start change-sum" aria-live="polite">
            <strong class="mono">{formatMoney(sumOf(wanted, prices), currency)}</strong>{" "}
            <span class="muted">
              a month
              {monthlyCents === undefined || isSame ? "" : `, ${formatMoney(monthlyCents, currency)} before`}
            </span>
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            busy={saving.busy}
            disabled={isSame || gone.length > 0}
            onClick={() => void saving.run()}
          >
            Change
          </Button>
        </>
      }
    >
      <div class="form">
        <Field label="Bundle and size">
          {(input) => (
            <select
              {...input}
              class="input"
              value={bundle}
              onChange={({ currentTarget }) => setBundle(currentTarget.value)}
            >
              {isKnown(bundle) ? null : <option value={bundle}>{bundle}, not sold any more</option>}
              {bundles.map((one) => (
                <option key={one.key} value={one.key}>
                  {title(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {storage.length === 0 ? null : (
          <Field label="More storage">
            {(input) => (
              <select
                {...input}
                class="input"
                value={room}
                onChange={({ currentTarget }) => setRoom(currentTarget.value)}
              >
                <option value="">None</option>
                {storage.map((one) => (
                  <option key={one.key} value={one.key}>
                    {title(one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {addOns.length === 0 ? null : (
          <fieldset class="change-add-ons">
            <legend>Add-ons</legend>
            {addOns.map(({ key, title: name, priceCents }) => (
              <label key={key} class="switch">
                <input
                  type="checkbox"
                  checked={picked.has(key)}
                  onChange={({ currentTarget }) => {
                    const after = new Set(picked);
                    if (currentTarget.checked) after.add(key);
                    else after.delete(key);
                    setPicked(after);
                  }}
                />
                <span>{name}</span>
                <span class="mono muted">{formatMoney(priceCents, currency)}</span>
              </label>
            ))}
          </fieldset>
        )}
        {gone.length === 0 ? null : (
          <p class="change-gone">
            {boughtWords(gone, prices).join(", ")} {gone.length === 1 ? "is" : "are"} not sold any more, and can be kept
            only as long as nothing is changed. Pick something else.
          </p>
        )}
        <p class="muted">
          What is more is paid at once for the rest of the period, or nothing changes; what is left over goes to the
          next invoice. A smaller size is refused while the data does not fit.
        </p>
        {saving.problem === undefined ? null : <ProblemBox problem={saving.problem} />}
      </div>
    </Dialog>
  );
}
