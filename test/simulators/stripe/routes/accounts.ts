import { Hono } from "hono";
import { z } from "zod";
import { invalid, paramsOf } from "../failure.ts";
import { integer, isIn, pageOf, pageParams, range } from "../lists.ts";
import type { StripeEnv } from "../routes.ts";
import { passTime } from "../time.ts";
import type { World } from "../world.ts";

const NewPortalSession = z.strictObject({
  customer: z.string(),
  return_url: z.string().optional(),
  locale: z.string().optional(),
});
const Events = z.strictObject({
  ...pageParams,
  created: range,
  type: z.string().optional(),
  types: z.array(z.string()).max(20).optional(),
});
const NewClock = z.strictObject({ frozen_time: integer, name: z.string().optional() });

/** Portal sessions, events, and the clocks of tests. */
export const accountRoutes = (world: World, origin: () => string) =>
  new Hono<StripeEnv>()
    .post("/v1/billing_portal/sessions", (c) => {
      const params = paramsOf(NewPortalSession, c.var.params);
      world.customers.get(params.customer);
      const session = world.portalSessions.make({ ...params, configuration: "bpc_default" });
      session.url = `${origin()}/portal/${session.id}`;
      return c.json(session);
    })
    .get("/v1/events", (c) => {
      const { created, type, types, ...page } = paramsOf(Events, c.var.params);
      const fits = world.events
        .all()
        .filter((one) => isIn(one.created, created) && one.type === (type ?? one.type))
        .filter((one) => types?.includes(one.type) ?? true);
      return c.json(pageOf("/v1/events", fits, page));
    })
    .get("/v1/events/:id", (c) => c.json(world.events.get(c.req.param("id"))))
    .post("/v1/test_helpers/test_clocks", (c) => {
      const { frozen_time, name } = paramsOf(NewClock, c.var.params);
      return c.json(world.clocks.make({ frozen_time, name: name ?? null, status: "ready", status_details: {} }));
    })
    .get("/v1/test_helpers/test_clocks/:id", (c) => c.json(world.clocks.get(c.req.param("id"))))
    .delete("/v1/test_helpers/test_clocks/:id", (c) => {
      const { id } = world.clocks.get(c.req.param("id"));
      for (const customer of world.customers.all()) if (customer.test_clock === id) world.customers.remove(customer.id);
      world.clocks.remove(id);
      return c.json({ id, object: "test_helpers.test_clock", deleted: true });
    })
    .post("/v1/test_helpers/test_clocks/:id/advance", (c) => {
      const clock = world.clocks.get(c.req.param("id"));
      const { frozen_time: to } = paramsOf(z.strictObject({ frozen_time: integer }), c.var.params);
      if (clock.status !== "ready") throw invalid("the clock is under way");
      if (to <= clock.frozen_time) throw invalid("a clock only goes forward");
      clock.status = "advancing";
      const answer = structuredClone(clock);
      setImmediate(() => {
        passTime(world, to, clock.id, (at) => {
          clock.frozen_time = at;
        });
        clock.status = "ready";
        world.emit("test_helpers.test_clock.ready", clock);
      });
      return c.json({ ...answer, status_details: { advancing: { target_frozen_time: to } } });
    });
