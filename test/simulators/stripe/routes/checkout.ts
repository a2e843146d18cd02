import { Hono } from "hono";
import { z } from "zod";
import { CARDS, type CardVerdict, faceOf, judgeCard, type TypedCard } from "../cards.ts";
import { invalid, missing, paramsOf } from "../failure.ts";
import { flag, integer, metadata, pageOf, pageParams } from "../lists.ts";
import type { CheckoutSession, Price } from "../objects.ts";
import type { StripeEnv } from "../routes.ts";
import { subscribe } from "../subscribing.ts";
import type { World } from "../world.ts";

const Item = z.strictObject({ price: z.string(), quantity: integer.optional() });
const NewSession = z.strictObject({
  mode: z.literal("subscription"),
  customer: z.string().optional(),
  customer_email: z.string().optional(),
  client_reference_id: z.string().optional(),
  line_items: z.array(Item).min(1),
  success_url: z.string(),
  cancel_url: z.string().optional(),
  expires_at: integer.optional(),
  metadata: metadata.default({}),
  payment_method_collection: z.enum(["always", "if_required"]).optional(),
  allow_promotion_codes: flag.optional(),
  subscription_data: z
    .strictObject({ metadata: metadata.default({}), trial_period_days: integer.optional() })
    .default({ metadata: {} }),
});
const Sessions = z.strictObject({ ...pageParams, customer: z.string().optional(), status: z.string().optional() });

/** What became of a card that was entered: its session is paid, the bank asks its customer first, or it is refused. */
export type Entered = Exclude<CardVerdict, { readonly is: "taken" }> | { readonly is: "paid" };

/** What a session is for. */
export interface SessionOrder {
  readonly lines: readonly { readonly price: Price; readonly quantity: number }[];
  readonly trialDays: number | undefined;
}

export interface Checkout {
  readonly routes: Hono<StripeEnv>;
  orderOf(session: string): SessionOrder;
  /** @throws {StripeFailure} when the session is not open */
  submit(session: string, card: TypedCard): Entered;
  /** Goes on with the card that was entered last, or does not. @throws {StripeFailure} when the session is not open */
  authenticate(session: string, isOwner: boolean): Entered;
}

const DAY_S = 24 * 3600;

/** @param origin Where the pages are. */
export function checkoutRoutes(world: World, origin: () => string): Checkout {
  const plans = new Map<string, z.output<typeof NewSession>>();
  /** Cards whose banks ask, by session. */
  const asked = new Map<string, TypedCard>();

  const make = (params: z.output<typeof NewSession>) => {
    const now = world.now(params.customer);
    const expires = params.expires_at ?? now + DAY_S;
    // https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
    if (expires < now + 1800 || expires > now + DAY_S + 60) throw invalid("expires_at is between 30 minutes and a day");
    const prices = params.line_items.map(({ price: id, quantity = 1 }) => {
      const price = world.prices.find(id);
      if (price === undefined) throw missing("price", id);
      if (!price.active) throw invalid(`The price ${id} is inactive`);
      return { price, quantity };
    });
    const { line_items: _, subscription_data: __, ...rest } = params;
    const total = prices.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * quantity, 0);
    const isTrial = params.subscription_data.trial_period_days !== undefined;
    const session = world.sessions.make({
      ...rest,
      created: now,
      currency: prices[0]?.price.currency ?? null,
      amount_subtotal: isTrial ? 0 : total,
      amount_total: isTrial ? 0 : total,
      expires_at: expires,
      status: "open",
      payment_status: "unpaid",
      payment_method_types: ["card"],
      ui_mode: "hosted_page",
    });
    session.url = `${origin()}/pay/${session.id}`;
    plans.set(session.id, params);
    return session;
  };

  const planOf = (id: string) => {
    const plan = plans.get(id);
    if (plan === undefined) throw missing("checkout.session", id);
    return plan;
  };

  const orderOf: Checkout["orderOf"] = (id) => {
    const { line_items, subscription_data: data } = planOf(id);
    const lines = line_items.map(({ price, quantity = 1 }) => ({ price: world.prices.get(price), quantity }));
    return { lines, trialDays: data.trial_period_days };
  };

  const openSession = (id: string) => {
    const session = world.sessions.get(id);
    if (session.status !== "open") throw invalid("This session is not open any more");
    return session;
  };

  const submit: Checkout["submit"] = (id, typed) => {
    const session = openSession(id);
    const verdict = judgeCard(typed, world.now(session.customer));
    if (verdict.is === "authenticate") asked.set(id, typed);
    if (verdict.is !== "taken") return verdict;
    complete(session, typed);
    return { is: "paid" };
  };

  const authenticate: Checkout["authenticate"] = (id, isOwner) => {
    const session = openSession(id);
    const typed = asked.get(id);
    asked.delete(id);
    if (!isOwner || typed === undefined) return { is: "refused", why: "authentication_failed" };
    complete(session, typed);
    return { is: "paid" };
  };

  const complete = (session: CheckoutSession, typed: TypedCard) => {
    const plan = planOf(session.id);
    const customer = session.customer ?? world.customers.make({ email: session.customer_email, balance: 0 }).id;
    const card = world.paymentMethods.make({ customer, type: "card", card: faceOf(typed) });
    world.emit("payment_method.attached", card);
    const { lines: items, trialDays } = orderOf(session.id);
    const { metadata } = plan.subscription_data;
    const subscription = subscribe(world, { customer, card: card.id, items, metadata, trialDays });
    if (typed.number === CARDS.later) world.refusedCards.add(card.id);
    Object.assign(session, {
      customer,
      subscription: subscription.id,
      invoice: subscription.latest_invoice,
      status: "complete",
      payment_status: subscription.status === "trialing" ? "no_payment_required" : "paid",
      url: null,
    } satisfies Partial<CheckoutSession>);
    world.emit("checkout.session.completed", session);
  };

  const routes = new Hono<StripeEnv>()
    .post("/v1/checkout/sessions", (c) => c.json(make(paramsOf(NewSession, c.var.params))))
    .get("/v1/checkout/sessions", (c) => {
      const { customer, status, ...page } = paramsOf(Sessions, c.var.params);
      const fits = world.sessions
        .all()
        .filter((one) => one.customer === (customer ?? one.customer) && one.status === (status ?? one.status));
      return c.json(pageOf("/v1/checkout/sessions", fits, page));
    })
    .get("/v1/checkout/sessions/:id", (c) => c.json(world.sessions.get(c.req.param("id"))))
    .post("/v1/checkout/sessions/:id/expire", (c) => {
      const session = world.sessions.get(c.req.param("id"));
      if (session.status !== "open") {
        throw invalid(`Only Checkout Sessions with a status in ["open"] can be expired. It is ${session.status}.`);
      }
      session.status = "expired";
      session.url = null;
      world.emit("checkout.session.expired", session);
      return c.json(session);
    });
  return { routes, orderOf, submit, authenticate };
}
