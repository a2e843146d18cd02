import { type Context, Hono } from "hono";
import { Problem } from "#shared/problem.ts";
import { orderPath } from "../../shop/checkout.ts";
import { renderPage } from "../../site/frame.ts";
import { type OrderView, orderPage } from "../../site/pages/order.ts";
import { reviewPage } from "../../site/pages/review.ts";
import { type SignUpForm, signUpPage, type Wrongs } from "../../site/pages/sign-up.ts";
import type { HubEnv } from "../env.ts";
import { cartOf, ensureCart } from "./cart.ts";
import { orderEvents } from "./order-events.ts";
import { checkSignUpForm, readSignUpForm, sentence } from "./sign-up-form.ts";
import type { SiteParts } from "./site.ts";

const MINUTE_MS = 60_000;

/** From the form to the page that shows the server come up. Each step is a page: no script is needed. */
export function createOrderPages(parts: SiteParts) {
  const { shop, site, guards } = parts;
  const { stock } = shop;

  const formAgain = (c: Context<HubEnv>, form: SignUpForm, wrongs: Wrongs, openOrder?: string) => {
    const bundle = stock.catalog.bundles.find(({ id }) => id === form.bundle);
    if (bundle === undefined || wrongs.bundle !== undefined) return c.redirect("/pricing", 303);
    const path = openOrder === undefined ? undefined : orderPath(openOrder);
    const status = Object.keys(wrongs).length > 0 ? 422 : 200;
    return c.html(renderPage(site, signUpPage(site, stock, { bundle, form, wrongs, openOrder: path })), status);
  };

  const found = async (c: Context<HubEnv, "/order/:purchase">): Promise<OrderView> => {
    const job = await shop.find(c.req.param("purchase"));
    if (job?.sale === undefined) throw new Problem("not_found", "there is no such order");
    const open = await shop.openOrder(job.beaconName, cartOf(c) ?? "");
    return { job, isMine: open?.id === job.purchase };
  };

  return new Hono<HubEnv>()
    .use("/sign-up", privately)
    .use("/order", privately)
    .use("/order/*", privately)
    .get("/sign-up", (c) => {
      ensureCart(c, site.origin);
      const form = readSignUpForm(new URL(c.req.url).searchParams);
      return formAgain(c, { ...form, tier: form.tier === "" ? "t1" : form.tier }, {});
    })
    .post("/sign-up", guards.rate("site.sign-up", { windowMs: 10 * MINUTE_MS, max: 60 }), async (c) => {
      const cart = ensureCart(c, site.origin);
      const data = await c.req.formData();
      const form = readSignUpForm(data);
      if (data.get("step") === "change") return formAgain(c, form, {});
      const checked = await checkSignUpForm(shop, form, cart);
      if ("wrongs" in checked) return formAgain(c, form, checked.wrongs, checked.openOrder);
      const { signUp, quote } = checked;
      const read = { ...form, name: signUp.beacon, email: signUp.email };
      return c.html(renderPage(site, reviewPage(site, { form: read, quote, awaits: shop.awaits })));
    })
    .get("/order", (c) => c.redirect("/pricing", 303))
    .post("/order", guards.rate("site.order", { windowMs: 10 * MINUTE_MS, max: 20 }), async (c) => {
      const cart = ensureCart(c, site.origin);
      const form = readSignUpForm(await c.req.formData());
      const checked = await checkSignUpForm(shop, form, cart);
      if ("wrongs" in checked) return formAgain(c, form, checked.wrongs, checked.openOrder);
      return toPayment(c, await shop.order(checked.signUp, cart), true);
    })
    .get("/order/:purchase", async (c) => c.html(renderPage(site, orderPage(site, await found(c)))))
    .get("/order/:purchase/events", guards.rate("site.events", { windowMs: MINUTE_MS, max: 60 }), (c) =>
      orderEvents(c, parts, () => found(c)),
    )
    .post("/order/:purchase/pay", guards.rate("site.pay", { windowMs: 10 * MINUTE_MS, max: 20 }), async (c) => {
      const { job, isMine } = await found(c);
      return toPayment(c, job.purchase, isMine);
    })
    .post("/order/:purchase/cancel", async (c) => {
      const { job } = await found(c);
      await shop.withdraw(job.purchase, cartOf(c) ?? "");
      return c.redirect(orderPath(job.purchase), 303);
    });

  /** The order stands, whether its payment can be opened now or not: its page says so, and offers it again. */
  async function toPayment(c: Context<HubEnv>, purchase: string, isMine: boolean): Promise<Response> {
    try {
      return c.redirect((await shop.pay(purchase)) ?? orderPath(purchase), 303);
    } catch (error) {
      const { retryable, message } = Problem.wrap(error);
      const job = await shop.find(purchase);
      if (!retryable || job === undefined) throw error;
      const wrong = sentence(
        `your order is kept, but the payment cannot be opened just now: ${message}`,
        "Try again in a moment.",
      );
      return c.html(renderPage(site, orderPage(site, { job, isMine, wrong })), 503);
    }
  }
}

/**
 * What one reader sees is for nobody else, and for no search engine. Their own browser may keep it: who goes back to a page that came
 * by a form sees it again then, instead of being asked whether to send the form again.
 */
async function privately(c: Context<HubEnv>, next: () => Promise<void>): Promise<void> {
  await next();
  c.header("cache-control", "private, no-cache");
  c.header("x-robots-tag", "noindex");
}
