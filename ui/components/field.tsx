import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface FieldProps {
  readonly label: string;
  readonly note?: ComponentChildren;
  /** What is wrong with the value, once it should be said. */
  readonly wrong?: string | undefined;
  readonly children: (input: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ComponentChildren;
}

/** A label, its input, and below it a note or what is wrong. */
export function Field({ label, note, wrong, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-note`, "aria-invalid": wrong !== undefined })}
      <div id={`${id}-note`} class={wrong === undefined ? "note" : "wrong"} aria-live="polite">
        {wrong ?? note}
      </div>
    </div>
  );
}
