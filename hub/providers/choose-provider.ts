/** A provider that can be chosen, and its share of the orders beside those of the others. */
export interface Offer {
  readonly provider: string;
  readonly weight: number;
}

/** How much each provider is owed, in orders times the sum of the weights; who was never asked is owed nothing. */
export type Owed = Readonly<Record<string, number>>;

export interface Choice {
  readonly provider: string;
  /** For the next choice. */
  readonly owed: Owed;
}

/** Shares where nobody has set others; whoever is not named here has none. */
export const defaultWeights: Readonly<Record<string, number>> = {
  hetzner: 40,
  digitalocean: 20,
  linode: 20,
  ovh: 10,
  upcloud: 10,
};

/**
 * Whose turn it is, by smooth weighted round-robin: everybody is owed their weight, and who is owed most gets the order and pays for all.
 * Orders go round evenly, not in runs, and nobody gets ahead of or behind their share by more than one.
 * https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1
 *
 * @param passedOver Providers that had nothing for this order. The others share it, and those passed over are owed nothing for it.
 * @returns `undefined` when nobody is left. Pure.
 */
export function chooseProvider(
  offers: readonly Offer[],
  owed: Owed,
  passedOver: readonly string[] = [],
): Choice | undefined {
  const left = offers.filter(({ provider, weight }) => weight > 0 && !passedOver.includes(provider));
  const total = left.reduce((sum, { weight }) => sum + weight, 0);
  const raised = left.map(({ provider, weight }) => ({ provider, weight, owed: (owed[provider] ?? 0) + weight }));
  const [first] = raised.toSorted(
    (a, b) => b.owed - a.owed || b.weight - a.weight || (a.provider < b.provider ? -1 : 1),
  );
  if (first === undefined) return undefined;
  const after = raised.map((one) => [one.provider, one === first ? one.owed - total : one.owed] as const);
  return { provider: first.provider, owed: { ...owed, ...Object.fromEntries(after) } };
}
