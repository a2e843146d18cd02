import { Hono } from "hono";
import { z } from "zod";
import { paramsOf } from "../failure.ts";
import { integer, metadata, pageOf, pageParams } from "../lists.ts";
import type { StripeEnv } from "../routes.ts";
import type { World } from "../world.ts";

const NewCustomer = z.strictObject({
  email: z.string().optional(),
  name: z.string().optional(),
  metadata: metadata.default({}),
  test_clock: z.string().optional(),
});
const CustomerChanges = z.strictObject({ email: z.string().optional(), metadata: metadata.optional() });
const Customers = z.strictObject({ ...pageParams, email: z.string().optional(), test_clock: z.string().optional() });
const NewBalance = z.strictObject({
  amount: integer,
  currency: z.string(),
  description: z.string().optional(),
  metadata: metadata.default({}),
});

/** Customers and what they have to their credit. */
export const customerRoutes = (world: World) =>
  new Hono<StripeEnv>()
    .post("/v1/customers", (c) => {
      const params = paramsOf(NewCustomer, c.var.params);
      if (params.test_clock !== undefined) world.clocks.get(params.test_clock);
      const customer = world.customers.make({ balance: 0, ...params });
      world.emit("customer.created", customer);
      return c.json(customer);
    })
    .get("/v1/customers", (c) => {
      const { email, test_clock: clock, ...page } = paramsOf(Customers, c.var.params);
      // Those of test clocks are not listed with the others: https://docs.stripe.com/api/customers/list
      const fits = world.customers
        .all()
        .filter((one) => one.email === (email ?? one.email) && one.test_clock === (clock ?? null));
      return c.json(pageOf("/v1/customers", fits, page));
    })
    .get("/v1/customers/:id", (c) => c.json(world.customers.get(c.req.param("id"))))
    .post("/v1/customers/:id", (c) => {
      const customer = world.customers.get(c.req.param("id"));
      Object.assign(customer, paramsOf(CustomerChanges, c.var.params));
      world.emit("customer.updated", customer);
      return c.json(customer);
    })
    .post("/v1/customers/:id/balance_transactions", (c) => {
      const customer = world.customers.get(c.req.param("id"));
      const params = paramsOf(NewBalance, c.var.params);
      customer.balance += params.amount;
      world.emit("customer.updated", customer);
      return c.json(
        world.balanceTransactions.make({
          ...params,
          customer: customer.id,
          type: "adjustment",
          ending_balance: customer.balance,
        }),
      );
    });
