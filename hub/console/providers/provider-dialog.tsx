import { useState } from "preact/hooks";
import type { ProviderView } from "#shared/api/providers.ts";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { ProgressBar } from "#ui/components/progress-bar.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useTask } from "#ui/use-task.ts";
import { CredentialInput } from "./credential-input.tsx";
import { credentialWords, fieldLabels, lackWords, missingFields, providerInput } from "./provider-words.ts";
import type { ProvidersApi } from "./providers-api.ts";
import { formatShare, MAX_WEIGHT, parseWeight, sharesOf } from "./shares.ts";
import "./provider-dialog.css";

export interface ProviderDialogProps {
  readonly provider: ProviderView;
  /** All of them, for the shares. */
  readonly providers: readonly ProviderView[];
  readonly api: ProvidersApi;
  /** As the hub has it now; the dialog may go on. */
  readonly onSaved: (provider: ProviderView) => void;
  readonly onClose: () => void;
}

/**
 * Credentials of one provider and how it is used. Secrets that are set are not shown, and stay when their field is left empty. New
 * credentials are checked at once: wrong ones are seen here, and not by the first customer.
 */
export function ProviderDialog({ provider, providers, api, onSaved, onClose }: ProviderDialogProps) {
  const { title, form, secrets, lacks, configured } = provider;
  const toasts = useToasts();
  const [credentials, setCredentials] = useState(() => ({
    ...Object.fromEntries(form.map((field) => [field.name, field.default ?? ""])),
    ...provider.credentials,
  }));
  const [enabled, setEnabled] = useState(configured ? provider.enabled : true);
  const [weight, setWeight] = useState(String(provider.weight));
  const [strict, setStrict] = useState(false);
  const [refusal, setRefusal] = useState<ProviderView["problem"]>();
  const [asking, setAsking] = useState(false);

  const typed = parseWeight(weight);
  const missing = missingFields(provider, credentials);
  const all = providers.map((one) => (one.name === provider.name ? { ...one, enabled } : one));
  const share = sharesOf(all, { [provider.name]: typed ?? 0 }).find(({ name }) => name === provider.name);

  const saving = useTask(async () => {
    setRefusal(undefined);
    const input = providerInput(provider, { enabled, weight: typed ?? 0, credentials });
    const saved = await api.change(provider.name, input);
    onSaved(saved);
    if (saved.checkedAt !== undefined) return onClose();
    setAsking(true);
    const checked = await api.check(provider.name).finally(() => setAsking(false));
    onSaved(checked);
    if (checked.problem !== undefined) return setRefusal(checked.problem);
    toasts.show("good", `${title} takes the credentials.`);
    onClose();
  });
  const save = () => {
    setStrict(true);
    if (missing.length === 0 && typed !== undefined) void saving.run();
  };
  const problem = saving.problem ?? refusal;

  return (
    <Dialog
      title={configured ? `Change ${title}` : `Set up ${title}`}
      onClose={onClose}
      steady
      foot={
        <>
          <Button onClick={onClose}>{refusal === undefined ? "Cancel" : "Close"}</Button>
          <Button kind="primary" type="submit" form="provider-form" busy={saving.busy}>
            Save
          </Button>
        </>
      }
    >
      <form
        id="provider-form"
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {credentialWords[provider.name] === undefined ? null : (
          <p class="muted">{credentialWords[provider.name]} Secrets are kept sealed, and never shown again.</p>
        )}
        {form.map((field) => (
          <Field
            key={field.name}
            label={fieldLabels[field.name] ?? field.name}
            note={secrets.includes(field.name) ? "It is set. Leave this empty to keep it." : undefined}
            wrong={strict && missing.includes(field.name) ? "This is needed." : undefined}
          >
            {(input) => (
              <CredentialInput
                input={input}
                field={field}
                value={credentials[field.name] ?? ""}
                onInput={(value) => setCredentials({ ...credentials, [field.name]: value })}
              />
            )}
          </Field>
        ))}
        <label class="switch">
          <input
            type="checkbox"
            checked={enabled}
            onChange={({ currentTarget }) => setEnabled(currentTarget.checked)}
          />
          It gets orders
        </label>
        <Field
          label="Weight"
          note={
            !enabled
              ? "Switched off it gets no orders. What is there goes on."
              : share === undefined
                ? "With a weight of 0 it gets no orders."
                : `${formatShare(share.percent)} of the orders, beside the weights of the others.`
          }
          wrong={typed === undefined ? `A whole number from 0 to ${MAX_WEIGHT}.` : undefined}
        >
          {(input) => (
            <input
              {...input}
              class="input mono provider-weight"
              type="text"
              inputMode="numeric"
              value={weight}
              onInput={({ currentTarget }) => setWeight(currentTarget.value)}
            />
          )}
        </Field>
        {lacks.map((lack) => (
          <p key={lack} class="provider-lack">
            {lackWords[lack]}
          </p>
        ))}
        {asking ? (
          <div class="provider-asking" role="status">
            <span>Saved. Asking {title} whether they are good …</span>
            <ProgressBar label={`Asking ${title}`} />
          </div>
        ) : null}
        {problem === undefined ? null : <ProblemBox problem={problem} />}
      </form>
    </Dialog>
  );
}
