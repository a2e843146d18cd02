import type { FormField } from "#shared/form-fields.ts";

export interface CredentialInputProps {
  readonly input: { readonly id: string; readonly "aria-describedby": string; readonly "aria-invalid": boolean };
  readonly field: FormField;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** One field of a form that is drawn from a schema: a choice, a secret, or a text. */
export function CredentialInput({ input, field, value, onInput }: CredentialInputProps) {
  if (field.options !== undefined) {
    return (
      <select {...input} class="input" value={value} onChange={({ currentTarget }) => onInput(currentTarget.value)}>
        {field.options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    );
  }
  const shared = {
    ...input,
    class: "input mono",
    spellcheck: false,
    value,
    onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  } as const;
  // Browsers offer to fill in and to store the password of the reader otherwise, which is none of these.
  return field.secret ? (
    <input {...shared} type="password" autocomplete="new-password" />
  ) : (
    <input {...shared} type="text" autocomplete="off" />
  );
}
