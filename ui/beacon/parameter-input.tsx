import { Field } from "../components/field.tsx";
import { entryProblem, type ParameterField } from "./parameter-fields.ts";

export interface ParameterInputProps {
  readonly field: ParameterField;
  readonly entry: string;
  /** Whether it is time to say what is missing. */
  readonly strict: boolean;
  readonly onInput: (entry: string) => void;
}

/** One parameter as the input that suits its type. */
export function ParameterInput({ field, entry, strict, onInput }: ParameterInputProps) {
  if (field.type === "boolean") {
    return (
      <div class="field">
        <label class="switch">
          <input
            type="checkbox"
            checked={entry === "true"}
            onChange={(event) => onInput(String(event.currentTarget.checked))}
          />
          {field.title}
        </label>
        {field.description === undefined ? null : <div class="note">{field.description}</div>}
      </div>
    );
  }
  const wrong = entry !== "" || strict ? entryProblem(field, entry) : undefined;
  const numeric = field.type !== "string";
  return (
    <Field label={field.required ? field.title : `${field.title} (optional)`} note={field.description} wrong={wrong}>
      {(input) =>
        field.enum === undefined ? (
          <input
            {...input}
            class="input"
            {...(numeric ? ({ type: "number" } as const) : {})}
            required={field.required}
            {...(field.minimum === undefined ? {} : { min: field.minimum })}
            {...(field.maximum === undefined ? {} : { max: field.maximum })}
            step={field.type === "integer" ? 1 : "any"}
            value={entry}
            autocomplete="off"
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <select
            {...input}
            class="input"
            required={field.required}
            value={entry}
            onChange={(event) => onInput(event.currentTarget.value)}
          >
            {entry === "" ? <option value="">Choose …</option> : null}
            {field.enum.map((choice) => (
              <option key={String(choice)} value={String(choice)}>
                {String(choice)}
              </option>
            ))}
          </select>
        )
      }
    </Field>
  );
}
