import { createMiddleware } from "hono/factory";
import { StripeFailure } from "./failure.ts";
import type { StripeEnv } from "./routes.ts";

/** Keys may be forgotten after a day: https://docs.stripe.com/api/idempotent_requests */
const KEPT_S = 24 * 3600;

interface Kept {
  readonly what: string;
  readonly at: number;
  readonly status: number;
  readonly body: string;
}

/** A POST that comes again under its key is answered as it was, and nothing is done. */
export function idempotency(now: () => number) {
  const kept = new Map<string, Kept>();
  return createMiddleware<StripeEnv>(async (c, next) => {
    const key = c.req.header("idempotency-key");
    if (c.req.method !== "POST" || key === undefined) return next();
    const what = `${c.req.path} ${await c.req.text()}`;
    const before = kept.get(key);
    if (before !== undefined && before.at > now() - KEPT_S) {
      if (before.what !== what) {
        throw new StripeFailure(400, {
          type: "idempotency_error",
          message: "Keys for idempotent requests can only be used with the same parameters they were first used with.",
        });
      }
      return new Response(before.body, {
        status: before.status,
        headers: { "content-type": "application/json", "idempotent-replayed": "true" },
      });
    }
    await next();
    kept.set(key, { what, at: now(), status: c.res.status, body: await c.res.clone().text() });
  });
}
