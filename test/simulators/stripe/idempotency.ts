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

/** Has the next POST to a path answered with a failure of Stripe's own, under its key for good, with its effect or without. */
export type BreakDown = (path: RegExp, effect: "done" | "not-done") => void;

/** A POST that comes again under its key is answered as it was, and nothing is done. */
export function idempotency(now: () => number) {
  const kept = new Map<string, Kept>();
  const broken: { readonly path: RegExp; readonly effect: "done" | "not-done" }[] = [];
  const breakDown: BreakDown = (path, effect) => void broken.push({ path, effect });
  const middleware = createMiddleware<StripeEnv>(async (c, next) => {
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
    const breaking = broken.findIndex(({ path }) => path.test(c.req.path));
    const [failure] = breaking === -1 ? [] : broken.splice(breaking, 1);
    if (failure?.effect !== "not-done") await next();
    if (failure !== undefined) {
      // What was answered is replaced as a whole.
      c.res = undefined;
      c.res = c.json({ error: { type: "api_error", message: "Something went wrong at Stripe." } }, 500);
    }
    kept.set(key, { what, at: now(), status: c.res.status, body: await c.res.clone().text() });
  });
  return { middleware, breakDown };
}
