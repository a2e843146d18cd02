import type { PurchaseStore } from "../store/purchases.ts";

/** The subscription that pays for a beacon. Both do nothing where there is none, and may be called again. */
export interface Subscribed {
  /** Ends it at once; nothing more is charged. Invoices stay as they are. */
  end(beacon: string): Promise<void>;
  /** Bills and reminders go to another address from now on, as far as that can be. @returns what came of it, in words */
  handOver(beacon: string, email: string): Promise<string>;
}

/** What is done to the purchase for which a beacon was made. */
export interface Billed {
  end(purchase: string): Promise<void>;
  handOver(purchase: string, email: string): Promise<string>;
}

/** @param billing Gives who takes the money; nobody where nothing is sold. */
export const subscribedThrough = (
  billing: () => Billed | undefined,
  purchases: Pick<PurchaseStore, "ofBeacon" | "handOver">,
): Subscribed => ({
  end: async (beacon) => {
    const purchase = await purchases.ofBeacon(beacon);
    if (purchase !== undefined) await billing()?.end(purchase);
  },
  handOver: async (beacon, email) => {
    const purchase = await purchases.ofBeacon(beacon);
    if (purchase === undefined) return "It was never bought.";
    const billed = await billing()?.handOver(purchase, email);
    if (billed !== undefined) return billed;
    await purchases.handOver(purchase, email);
    return "Nothing is paid for it.";
  },
});
