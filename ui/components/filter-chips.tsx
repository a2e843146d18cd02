export interface FilterChipsProps<Filter extends string> {
  /** Those that can be chosen, with how many each would list. */
  readonly filters: readonly { readonly filter: Filter; readonly title: string; readonly count: number }[];
  readonly chosen: Filter;
  readonly onChoose: (filter: Filter) => void;
}

/** How many there are of each kind; pressed, only those are listed. */
export const FilterChips = <Filter extends string>({ filters, chosen, onChoose }: FilterChipsProps<Filter>) => (
  <fieldset class="chips" aria-label="Show">
    {filters.map(({ filter, title, count }) => (
      <button key={filter} type="button" class="chip" aria-pressed={filter === chosen} onClick={() => onChoose(filter)}>
        {title} <span class="mono">{count.toLocaleString()}</span>
      </button>
    ))}
  </fieldset>
);
