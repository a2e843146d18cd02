import type { ProviderView } from "#shared/api/providers.ts";

/** Weights that were typed and are not saved, by provider. */
export type WeightDraft = Readonly<Record<string, number>>;

export interface Share {
  readonly name: string;
  readonly title: string;
  /** Of a hundred orders. */
  readonly percent: number;
}

type Weighed = Pick<ProviderView, "name" | "title" | "enabled" | "weight">;

/** Pure: who gets which part of the orders, the largest first; only those that get any. */
export function sharesOf(providers: readonly Weighed[], draft: WeightDraft = {}): Share[] {
  const weighed = providers
    .filter(({ enabled }) => enabled)
    .map(({ name, title, weight }) => ({ name, title, weight: draft[name] ?? weight }))
    .filter(({ weight }) => weight > 0);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  return weighed
    .map(({ name, title, weight }) => ({ name, title, percent: (weight / total) * 100 }))
    .sort((a, b) => b.percent - a.percent || (a.name < b.name ? -1 : 1));
}

/** `40 %`, `33.3 %`, and `< 0.1 %` for what is there and is hardly anything. */
export function formatShare(percent: number): string {
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  return `${Number(percent.toFixed(1))} %`;
}

/** The highest that the hub takes. */
export const MAX_WEIGHT = 1000;

/** Pure: what was typed as a weight; `undefined` when that is none. */
export function parseWeight(text: string): number | undefined {
  if (!/^\d{1,4}$/.test(text.trim())) return undefined;
  const weight = Number(text);
  return weight <= MAX_WEIGHT ? weight : undefined;
}
