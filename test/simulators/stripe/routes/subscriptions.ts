import { Hono } from "hono";
import { z } from "zod";
import { changeItems } from "../changing.ts";
import { invalid, paramsOf } from "../failure.ts";
import { flag, integer, metadata, pageOf, pageParams } from "../lists.ts";
import type { StripeEnv } from "../routes.ts";
import { endSubscription, subscribe } from "../subscribing.ts";
import type { World } from "../world.ts";

const NewSubscription = z.strictObject({
  customer: z.string(),
  items: z.array(z.strictObject({ price: z.string(), quantity: integer.default(1) })).min(1),
  metadata: metadata.default({}),
  trial_period_days: integer.optional(),
  default_payment_method: z.string().optional(),
});
const Change = z.strictObject({
  id: z.string().optional(),
  price: z.string().optional(),
  quantity: integer.optional(),
  deleted: flag.optional(),
});
const Changes = z.strictObject({
  items: z.array(Change).optional(),
  proration_behavior: z.enum(["always_invoice", "create_prorations", "none"]).default("create_prorations"),
  payment_behavior: z.enum(["allow_incomplete", "error_if_incomplete"]).default("allow_incomplete"),
  cancel_at_period_end: flag.optional(),
  metadata: metadata.optional(),
});
const Subscriptions = z.strictObject({
  ...pageParams,
  customer: z.string().optional(),
  status: z.string().optional(),
});

export const subscriptionRoutes = (world: World) =>
  new Hono<StripeEnv>()
    .post("/v1/subscriptions", (c) => {
      const params = paramsOf(NewSubscription, c.var.params);
      const customer = world.customers.get(params.customer);
      const subscription = subscribe(world, {
        customer: customer.id,
        card: params.default_payment_method ?? null,
        metadata: params.metadata,
        trialDays: params.trial_period_days,
        items: params.items.map(({ price, quantity }) => ({ price: world.prices.get(price), quantity })),
      });
      return c.json(subscription);
    })
    .get("/v1/subscriptions", (c) => {
      const { customer, status, ...page } = paramsOf(Subscriptions, c.var.params);
      // Those that were cancelled are left out unless they are asked for: https://docs.stripe.com/api/subscriptions/list
      const fits = world.subscriptions
        .all()
        .filter((one) => one.customer === (customer ?? one.customer))
        .filter(
          (one) => status === "all" || (status === undefined ? one.status !== "canceled" : one.status === status),
        );
      return c.json(pageOf("/v1/subscriptions", fits, page));
    })
    .get("/v1/subscriptions/:id", (c) => c.json(world.subscriptions.get(c.req.param("id"))))
    .post("/v1/subscriptions/:id", (c) => {
      const subscription = world.subscriptions.get(c.req.param("id"));
      const { items, cancel_at_period_end: atEnd, ...params } = paramsOf(Changes, c.var.params);
      if (subscription.status === "canceled") throw invalid("A canceled subscription can only update its metadata.");
      Object.assign(subscription.metadata, params.metadata ?? {});
      if (atEnd !== undefined) cancelAtPeriodEnd(world, subscription.id, atEnd);
      if (items === undefined) world.emit("customer.subscription.updated", subscription);
      else {
        changeItems(world, subscription, {
          items,
          proration: params.proration_behavior,
          errorIfIncomplete: params.payment_behavior === "error_if_incomplete",
        });
      }
      return c.json(subscription);
    })
    .delete("/v1/subscriptions/:id", (c) => {
      const subscription = world.subscriptions.get(c.req.param("id"));
      paramsOf(z.strictObject({ invoice_now: flag.optional(), prorate: flag.optional() }), c.var.params);
      if (subscription.status === "canceled") throw invalid("No such subscription", "resource_missing");
      endSubscription(world, subscription);
      return c.json(subscription);
    });

export function cancelAtPeriodEnd(world: World, id: string, atEnd: boolean): void {
  const subscription = world.subscriptions.get(id);
  subscription.cancel_at_period_end = atEnd;
  subscription.cancel_at = atEnd ? (subscription.items.data[0]?.current_period_end ?? null) : null;
  subscription.canceled_at = atEnd ? world.now(subscription.customer) : null;
}
