import { Field } from "./field.tsx";

export interface TypedNameProps {
  /** Has to be typed. */
  readonly name: string;
  readonly typed: string;
  readonly onType: (typed: string) => void;
}

/** Asks for the name of what will be gone for good. */
export const TypedName = ({ name, typed, onType }: TypedNameProps) => (
  <Field label={`Type ${name} to confirm`}>
    {(input) => (
      <input
        {...input}
        class="input mono"
        value={typed}
        autocomplete="off"
        spellcheck={false}
        autocapitalize="none"
        onInput={(event) => onType(event.currentTarget.value)}
      />
    )}
  </Field>
);
