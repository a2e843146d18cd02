import type { CatalogPrice } from "#shared/catalog/offer.ts";

/** A price as the account has it. */
export interface AccountPrice {
  readonly id: string;
  readonly product: string;
  readonly key: string | undefined;
  readonly cents: number | undefined;
  readonly currency: string;
  readonly isMonthly: boolean;
}

export interface AccountProduct {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
}

export interface AccountCatalog {
  /** Those that a hub has made, by what they carry. */
  readonly products: readonly AccountProduct[];
  /** Their prices that are active. */
  readonly prices: readonly AccountPrice[];
}

/** One change in the account. */
export type SyncStep =
  | { readonly kind: "product.create"; readonly key: string; readonly name: string }
  | { readonly kind: "product.update"; readonly key: string; readonly name: string }
  | {
      readonly kind: "price.create";
      readonly key: string;
      readonly cents: number;
      readonly currency: string;
      readonly formerCents?: number;
    }
  | { readonly kind: "price.retire"; readonly key: string; readonly price: string }
  | { readonly kind: "product.retire"; readonly key: string };

/**
 * What has to change in an account so that all that is for sale can be bought there, and nothing else. A product has the lookup key of its
 * price as its id, so that what is subscribed to keeps its name when the price is another. Pure.
 *
 * The new price takes the key before the former one is retired: whoever buys meanwhile finds one of the two.
 */
export function planSync(wanted: readonly CatalogPrice[], currency: string, account: AccountCatalog): SyncStep[] {
  const products = new Map(account.products.map((product) => [product.id, product]));
  const steps = wanted.flatMap(({ key, title, priceCents }): SyncStep[] => {
    const product = products.get(key);
    const own = account.prices.filter((price) => price.product === key);
    const holder = own.find((price) => price.key === key);
    const isRight =
      holder !== undefined && holder.cents === priceCents && holder.currency === currency && holder.isMonthly;
    const former = holder?.cents;
    return [
      ...(product === undefined ? [{ kind: "product.create" as const, key, name: title }] : []),
      ...(product !== undefined && (product.name !== title || !product.isActive)
        ? [{ kind: "product.update" as const, key, name: title }]
        : []),
      ...(isRight
        ? []
        : [
            {
              kind: "price.create" as const,
              key,
              cents: priceCents,
              currency,
              ...(former === undefined ? {} : { formerCents: former }),
            },
          ]),
      ...own
        .filter((price) => !isRight || price !== holder)
        .map((price) => ({ kind: "price.retire" as const, key, price: price.id })),
    ];
  });
  const keys = new Set(wanted.map(({ key }) => key));
  const retired = account.products
    .filter(({ id, isActive }) => isActive && !keys.has(id))
    .map(({ id }) => ({ kind: "product.retire" as const, key: id }));
  return [...steps, ...retired];
}

const money = (cents: number, currency: string) => `${(cents / 100).toFixed(2)} ${currency.toUpperCase()}`;

/** A step in words. */
export function syncStepWords(step: SyncStep): string {
  switch (step.kind) {
    case "product.create":
      return `add ${step.key}: ${step.name}`;
    case "product.update":
      return `call ${step.key}: ${step.name}`;
    case "price.create": {
      const to = money(step.cents, step.currency);
      return step.formerCents === undefined
        ? `sell ${step.key} for ${to} a month`
        : `sell ${step.key} for ${to} a month from now on, not ${money(step.formerCents, step.currency)}`;
    }
    case "price.retire":
      return `no longer sell ${step.key} at ${step.price}; who has it keeps it`;
    case "product.retire":
      return `no longer sell ${step.key}`;
  }
}
