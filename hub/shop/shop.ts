import type { JobView } from "#shared/api/hub.ts";
import { type Quote, resolveSelection, type Selection } from "#shared/catalog/selection.ts";
import { hashOf } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import type { Provisioning } from "../provisioning/provisioning.ts";
import type { Purchase, PurchaseStore, Sale } from "../store/purchases.ts";
import type { Checkout } from "./checkout.ts";
import type { Stock } from "./stock.ts";

/** A checkout has so long; whoever takes the money cannot be asked for less than half an hour. */
const CHECKOUT_MS = 3_600_000;
/** An operator looks at orders now and then. */
const APPROVAL_MS = 14 * 86_400_000;

export interface SignUp {
  readonly email: string;
  readonly beacon: string;
  readonly selection: Selection;
}

export interface Shop {
  readonly stock: Stock;
  readonly awaits: Sale["awaits"];
  /** Whether an order is for the same as a form. */
  isSame(open: Purchase, signUp: SignUp): boolean;
  /** What a selection comes to, or what is wrong with it. */
  quote(selection: Selection): ReturnType<typeof resolveSelection>;
  /** Why no beacon can be called so; `undefined` when it can. */
  nameProblem(name: string): Promise<Problem | undefined>;
  /** The order that holds a name, waits for its payment, and was placed from this cart. */
  openOrder(name: string, cart: string): Promise<Purchase | undefined>;
  /**
   * Places an order, and holds its name from then on. Asked again from the same cart for the same, it gives the same.
   * @param cart What the buyer's browser shows to be the buyer's.
   * @returns the id of the purchase
   * @throws {Problem} `invalid_input` for what cannot be bought, `conflict` for a name that is taken
   */
  order(signUp: SignUp, cart: string): Promise<string>;
  /** Where it is paid; `undefined` when there is nothing to pay any more. @throws {Problem} `not_found`, what `Checkout` throws */
  pay(purchase: string): Promise<string | undefined>;
  /** Gives an order up that was not paid. @throws {Problem} `not_found`, `forbidden` from another cart, `conflict` once it is paid */
  withdraw(purchase: string, cart: string): Promise<void>;
  find(purchase: string): Promise<JobView | undefined>;
}

export interface ShopParts {
  readonly stock: Stock;
  readonly orders: Pick<Provisioning, "order" | "ofPurchase" | "nameProblem" | "withdraw" | "pendingOf">;
  readonly purchases: Pick<PurchaseStore, "get">;
  /** Without one an operator approves each order. */
  readonly checkout: Checkout | undefined;
  readonly now: () => number;
}

export function createShop({ stock, orders, purchases, checkout, now }: ShopParts): Shop {
  const awaits = checkout === undefined ? "approval" : "payment";

  const quote: Shop["quote"] = (selection) => {
    const found = resolveSelection(stock, selection);
    if ("objections" in found) return found;
    const late = (["bundle", "addOns"] as const).flatMap((field) => {
      const missing =
        field === "bundle" ? stock.missing(found.offer.bundle) : found.addOns.flatMap((one) => stock.missing(one));
      const titles = missing.map((id) => stock.modules.get(id)?.title ?? id).join(", ");
      return missing.length === 0 ? [] : [{ field, message: `This cannot be bought yet: ${titles} is still to come.` }];
    });
    // What is missing of a bundle is told once.
    return late.length === 0 ? found : { objections: late };
  };

  const openOrder: Shop["openOrder"] = async (name, cart) => {
    const purchase = await orders.pendingOf(name);
    return purchase?.sale?.cart === hashOf(cart) ? purchase : undefined;
  };

  const saleOf = (selection: Selection, found: Quote, cart: string): Sale => ({
    bundle: selection.bundle,
    tier: selection.tier,
    server: found.offer.server,
    addOns: found.addOns.map(({ id }) => id),
    ...(found.storage === undefined ? {} : { storage: found.storage.id }),
    storageGb: found.storageGb,
    currency: stock.catalog.currency,
    lines: [...found.lines],
    awaits,
    expiresAt: now() + (checkout === undefined ? APPROVAL_MS : CHECKOUT_MS),
    cart: hashOf(cart),
  });

  const bought = async (purchase: string): Promise<Purchase> => {
    const found = await purchases.get(purchase);
    if (found?.sale !== undefined) return found;
    throw new Problem("not_found", "there is no such order", { hint: "Open the link that you got with the order." });
  };

  return {
    stock,
    awaits,
    quote,
    isSame,
    nameProblem: orders.nameProblem,
    openOrder,
    find: orders.ofPurchase,

    order: async ({ email, beacon, selection }, cart) => {
      const found = quote(selection);
      if ("objections" in found) {
        const text = found.objections.map(({ message }) => message).join(" ");
        throw new Problem("invalid_input", `this cannot be bought: ${text}`, { details: { ...found } });
      }
      const sale = saleOf(selection, found, cart);
      const again = async () => {
        const open = await openOrder(beacon, cart);
        return open !== undefined && isSame(open, { email, beacon, selection }) ? open.id : undefined;
      };
      const first = await again();
      if (first !== undefined) return first;
      try {
        const order = { email, beacon, modules: [...found.modules] };
        return (await orders.order(order, email, { sale })).purchase;
      } catch (error) {
        // The same form sent twice at the same moment: the other one was faster.
        const faster = await again();
        if (faster !== undefined) return faster;
        throw error;
      }
    },

    pay: async (id) => {
      const purchase = await bought(id);
      const job = await orders.ofPurchase(id);
      if (checkout === undefined || job?.state !== "PENDING" || purchase.approvedAt !== undefined) return undefined;
      return (await checkout.open(purchase)).url;
    },

    withdraw: async (id, cart) => {
      const purchase = await bought(id);
      if (purchase.sale?.cart !== hashOf(cart)) {
        throw new Problem("forbidden", "this order was placed in another browser", { hint: "Cancel it there." });
      }
      const job = await orders.ofPurchase(id);
      if (job === undefined || job.state === "CANCELLED") return;
      await checkout?.close(purchase);
      await orders.withdraw(job.id, purchase.email);
    },
  };
}

const isSame: Shop["isSame"] = ({ email, sale }, signUp) =>
  sale !== undefined && email === signUp.email && hashOf(wantedOf(sale)) === hashOf(wantedOf(signUp.selection));

const wantedOf = ({ bundle, tier, addOns, storage }: Selection | Sale) => ({
  ...{ bundle, tier, storage },
  addOns: [...new Set(addOns)].sort(),
});
