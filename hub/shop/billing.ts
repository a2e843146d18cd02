import type { Checkout } from "./checkout.ts";

/** Whoever takes the money, as the shop and provisioning need them. */
export interface Billing {
  readonly checkout: Checkout;
  isPaid(purchase: string): Promise<boolean>;
  /** Has somebody told of each purchase that was paid, as soon as it is known. */
  onPaid(listener: (purchase: string) => void): void;
}
