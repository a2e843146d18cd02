import { Hono } from "hono";
import { z } from "zod";
import { invalid, missing, paramsOf } from "../failure.ts";
import { flag, integer, metadata, pageOf, pageParams } from "../lists.ts";
import type { StripeEnv } from "../routes.ts";
import type { World } from "../world.ts";

const NewProduct = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  description: z.string().optional(),
  active: flag.default(true),
  metadata: metadata.default({}),
});
const ProductChanges = z.strictObject({
  name: z.string().optional(),
  active: flag.optional(),
  metadata: metadata.optional(),
});
const Products = z.strictObject({ ...pageParams, active: flag.optional(), ids: z.array(z.string()).optional() });

const NewPrice = z.strictObject({
  product: z.string(),
  currency: z.string(),
  unit_amount: integer.optional(),
  unit_amount_decimal: z.string().optional(),
  lookup_key: z.string().optional(),
  transfer_lookup_key: flag.default(false),
  nickname: z.string().optional(),
  metadata: metadata.default({}),
  recurring: z.strictObject({
    interval: z.string(),
    usage_type: z.enum(["licensed", "metered"]).default("licensed"),
    meter: z.string().optional(),
  }),
});
const PriceChanges = z.strictObject({ active: flag.optional(), metadata: metadata.optional() });
const Prices = z.strictObject({
  ...pageParams,
  active: flag.optional(),
  product: z.string().optional(),
  /** https://docs.stripe.com/api/prices/list#list_prices-lookup_keys */
  lookup_keys: z.array(z.string()).max(10).optional(),
});

const NewMeter = z.strictObject({
  event_name: z.string(),
  display_name: z.string(),
  default_aggregation: z.strictObject({ formula: z.string() }),
  customer_mapping: z.strictObject({ type: z.string(), event_payload_key: z.string() }).optional(),
  value_settings: z.strictObject({ event_payload_key: z.string() }).optional(),
});

/** Products, prices and meters. */
export const catalogRoutes = (world: World) =>
  new Hono<StripeEnv>()
    .post("/v1/products", (c) => {
      const params = paramsOf(NewProduct, c.var.params);
      if (world.products.find(params.id ?? "") !== undefined) {
        throw invalid(`Product already exists: ${params.id}`, "resource_already_exists");
      }
      const { id, ...rest } = params;
      const product = world.products.make({ ...rest, ...(id === undefined ? {} : { id }), updated: world.now() });
      world.emit("product.created", product);
      return c.json(product);
    })
    .get("/v1/products", (c) => {
      const params = paramsOf(Products, c.var.params);
      const fits = world.products
        .all()
        .filter(({ id, active }) => (params.ids?.includes(id) ?? true) && active === (params.active ?? active));
      return c.json(pageOf("/v1/products", fits, params));
    })
    .get("/v1/products/:id", (c) => c.json(world.products.get(c.req.param("id"))))
    .post("/v1/products/:id", (c) => {
      const product = world.products.get(c.req.param("id"));
      const { metadata: more = {}, ...changes } = paramsOf(ProductChanges, c.var.params);
      Object.assign(product, changes, { updated: world.now(), metadata: { ...product.metadata, ...more } });
      world.emit("product.updated", product);
      return c.json(product);
    })
    .post("/v1/prices", (c) => {
      const { transfer_lookup_key, recurring, unit_amount, unit_amount_decimal, ...rest } = paramsOf(
        NewPrice,
        c.var.params,
      );
      if (world.products.find(rest.product) === undefined) throw missing("product", rest.product);
      const holder = world.prices.all().find((one) => one.lookup_key === (rest.lookup_key ?? ""));
      if (holder !== undefined) {
        if (!transfer_lookup_key) {
          throw invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, "resource_already_exists");
        }
        holder.lookup_key = null;
      }
      const price = world.prices.make({
        ...rest,
        active: true,
        type: "recurring",
        unit_amount: unit_amount ?? null,
        unit_amount_decimal: unit_amount_decimal ?? (unit_amount === undefined ? null : String(unit_amount)),
        recurring: { interval_count: 1, trial_period_days: null, ...recurring, meter: recurring.meter ?? null },
      });
      world.emit("price.created", price);
      return c.json(price);
    })
    .get("/v1/prices", (c) => {
      const { active, product, lookup_keys: keys, ...page } = paramsOf(Prices, c.var.params);
      const fits = world.prices
        .all()
        .filter((one) => one.active === (active ?? one.active) && one.product === (product ?? one.product))
        .filter(({ lookup_key: key }) => keys === undefined || (key !== null && keys.includes(key)));
      return c.json(pageOf("/v1/prices", fits, page));
    })
    .get("/v1/prices/:id", (c) => c.json(world.prices.get(c.req.param("id"))))
    .post("/v1/prices/:id", (c) => {
      const price = world.prices.get(c.req.param("id"));
      Object.assign(price, paramsOf(PriceChanges, c.var.params));
      world.emit("price.updated", price);
      return c.json(price);
    })
    .post("/v1/billing/meters", (c) => {
      const params = paramsOf(NewMeter, c.var.params);
      if (world.meters.all().some((one) => one.event_name === params.event_name)) {
        throw invalid(`There is an active meter with the event name ${params.event_name}`, "resource_already_exists");
      }
      return c.json(world.meters.make({ ...params, status: "active" }));
    })
    .get("/v1/billing/meters", (c) => {
      const { status, ...page } = paramsOf(
        z.strictObject({ ...pageParams, status: z.string().optional() }),
        c.var.params,
      );
      const fits = world.meters.all().filter((one) => one.status === (status ?? one.status));
      return c.json(pageOf("/v1/billing/meters", fits, page));
    });
