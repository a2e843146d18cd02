/** A line of a subscription as Stripe has it. */
export interface SubscribedItem {
  readonly id: string;
  /** The catalog's key: that of its product, whatever it costs now. */
  readonly key: string;
}

export type ItemChange =
  | { readonly id: string; readonly deleted: true }
  | { readonly id: string; readonly key: string }
  | { readonly key: string };

const bundleOf = (key: string) => key.startsWith("bundle_");

/**
 * How to get from what is subscribed to to what is wanted: another bundle or tier takes the place of the former one, so that one line
 * changes its price; add-ons come and go. What stays is not touched, and keeps the price it was bought at. Pure.
 */
export function planItems(present: readonly SubscribedItem[], wanted: readonly string[]): ItemChange[] {
  const keys = new Set(wanted);
  const gone = present.filter(({ key }) => !keys.has(key));
  const fresh = [...keys].filter((key) => !present.some((item) => item.key === key));
  const bundle = gone.find(({ key }) => bundleOf(key));
  const nextBundle = fresh.find(bundleOf);
  const isReplaced = bundle !== undefined && nextBundle !== undefined;
  return [
    ...(isReplaced ? [{ id: bundle.id, key: nextBundle }] : []),
    ...gone.filter((item) => !isReplaced || item !== bundle).map(({ id }) => ({ id, deleted: true as const })),
    ...fresh.filter((key) => !isReplaced || key !== nextBundle).map((key) => ({ key })),
  ];
}
