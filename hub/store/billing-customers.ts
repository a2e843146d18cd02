import type { Database } from "./database.ts";

/** Who is who at the payment provider: one customer for each address. */
export interface BillingCustomerStore {
  get(email: string): Promise<string | undefined>;
  /** The first one stays. @returns the one that stands */
  put(email: string, customer: string): Promise<string>;
  /** The customer has another address from now on. */
  move(customer: string, email: string): Promise<void>;
}

export function createBillingCustomerStore(db: Database): BillingCustomerStore {
  const get: BillingCustomerStore["get"] = async (email) => {
    const row = await db
      .selectFrom("billing_customer")
      .select("customer")
      .where("email", "=", email.toLowerCase())
      .executeTakeFirst();
    return row?.customer;
  };
  return {
    get,
    move: async (customer, email) => {
      const known = db.updateTable("billing_customer").set({ email: email.toLowerCase() });
      await known.where("customer", "=", customer).execute();
    },
    put: async (email, customer) => {
      await db
        .insertInto("billing_customer")
        .values({ email: email.toLowerCase(), customer })
        .onConflict((conflict) => conflict.column("email").doNothing())
        .execute();
      return (await get(email)) ?? customer;
    },
  };
}
