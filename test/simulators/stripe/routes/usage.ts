import { Hono } from "hono";
import { z } from "zod";
import { invalid, paramsOf } from "../failure.ts";
import { integer } from "../lists.ts";
import type { StripeEnv } from "../routes.ts";
import type { World } from "../world.ts";

const NewMeterEvent = z.strictObject({
  event_name: z.string(),
  identifier: z.string().max(100),
  payload: z.strictObject({ stripe_customer_id: z.string(), value: z.coerce.number() }),
  timestamp: integer.optional(),
});

const DAY_S = 24 * 3600;

/** What customers have used: https://docs.stripe.com/api/billing/meter-event/create */
export function usageRoutes(world: World) {
  const seen = new Set<string>();
  return new Hono<StripeEnv>().post("/v1/billing/meter_events", (c) => {
    const { event_name: name, identifier, payload, timestamp } = paramsOf(NewMeterEvent, c.var.params);
    if (!world.meters.all().some((one) => one.event_name === name && one.status === "active")) {
      throw invalid(`There is no active meter with the event name ${name}`, "resource_missing");
    }
    const now = world.now(payload.stripe_customer_id);
    const at = timestamp ?? now;
    if (at < now - 35 * DAY_S || at > now + 300) throw invalid("the timestamp is too far away");
    if (seen.has(identifier))
      throw invalid(`An event with the identifier ${identifier} exists`, "duplicate_meter_event");
    seen.add(identifier);
    const key = `${name} ${payload.stripe_customer_id}`;
    world.usage.set(key, [...(world.usage.get(key) ?? []), { value: payload.value, at }]);
    return c.json({
      object: "billing.meter_event",
      created: now,
      event_name: name,
      identifier,
      livemode: false,
      payload: { ...payload, value: String(payload.value) },
      timestamp: at,
    });
  });
}
