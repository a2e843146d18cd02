import type { Purchase } from "../store/purchases.ts";

/** Where a customer pays for a purchase: pages of whoever takes the money. */
export interface Checkout {
  /** Origin of those pages: forms of the shop may lead there. */
  readonly origin: string;
  /**
   * Opens the payment of a purchase, or gives the one that is open already: a call whose answer was lost can be made again. It is
   * to end by `purchase.sale.expiresAt`, and leads back to `orderPath(purchase.id)` whether it was paid or not.
   * @throws {Problem} retryable when trying again may help
   */
  open(purchase: Purchase): Promise<{ readonly url: string }>;
  /** Has it take no money any more. Does nothing when it is over. @throws {Problem} `conflict` when it was paid */
  close(purchase: Purchase): Promise<void>;
}

/** Page of an order, for everybody who knows its id: it shows how far the order is, and nothing that is secret. */
export const orderPath = (purchase: string): string => `/order/${purchase}`;
