export interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
  /** None is chosen when absent. */
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
}

/** One of a few, all in sight. */
export const Segments = <Value extends string>({ label, options, value, onChange }: SegmentsProps<Value>) => (
  <fieldset class="segments" aria-label={label}>
    {options.map((option) => (
      <button
        key={option.value}
        type="button"
        aria-pressed={option.value === value}
        onClick={() => onChange(option.value)}
      >
        {option.title}
      </button>
    ))}
  </fieldset>
);
