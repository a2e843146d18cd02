import { type Context, Hono } from "hono";
import { type Contract, openContract } from "../contract.ts";
import { parseForm } from "../form.ts";
import { type Simulator, startSimulator } from "../simulator.ts";
import { StripeFailure } from "./failure.ts";
import { type BreakDown, idempotency } from "./idempotency.ts";
import { checkoutPages } from "./pages/checkout.ts";
import { invoicePages } from "./pages/invoice.ts";
import { type PortalSettings, portalPages } from "./pages/portal.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { checkoutRoutes } from "./routes/checkout.ts";
import { customerRoutes } from "./routes/customers.ts";
import { invoiceRoutes } from "./routes/invoices.ts";
import { subscriptionRoutes } from "./routes/subscriptions.ts";
import { usageRoutes } from "./routes/usage.ts";
import type { StripeEnv } from "./routes.ts";
import { blankSeeds, openSeeds } from "./seeds.ts";
import { passTime } from "./time.ts";
import { createWebhooks, type WebhookSender } from "./webhooks.ts";
import { API_VERSION, createWorld, type World } from "./world.ts";

export interface StripeSimulator extends Simulator {
  readonly world: World;
  readonly webhooks: WebhookSender;
  readonly secretKey: string;
  /** Sets what customers may do on the portal. */
  configurePortal(settings: PortalSettings): void;
  /** Moves the account's time, and has happen what lies in between. Customers with a test clock live by that one. */
  advance(ms: number): void;
  now(): number;
  readonly breakDown: BreakDown;
}

export const SECRET_KEY = "sk_test_simulated";
const BASE_PATH = "/v1";
const FORM = "application/x-www-form-urlencoded";

/** What Stripe's description says; it takes a second to compile, so that several simulators share one. */
export const stripeContract = (): Contract =>
  openContract("stripe", (description) => {
    // The framework tells what is below the API's base path from pages, which nothing describes.
    description.paths = Object.fromEntries(
      Object.entries(description.paths).map(([path, item]) => [path.slice(BASE_PATH.length), item]),
    );
  });

/** Allows everything, and makes objects of what the simulator itself knows of: for who has no description of Stripe's at hand. */
export const NO_DESCRIPTION = "no description";

/**
 * A Stripe account on the loopback interface: API, pages, webhooks and time.
 * @param port 0 takes any free port.
 */
export async function startStripe(
  described: Contract | typeof NO_DESCRIPTION = stripeContract(),
  port = 0,
): Promise<StripeSimulator> {
  const isDescribed = described !== NO_DESCRIPTION;
  const contract = isDescribed ? described : { request: () => [], reply: () => [] };
  let portal: PortalSettings = { cancel: "at_period_end" };
  let offsetMs = 0;
  let url = "";
  const now = () => Date.now() + offsetMs;
  const seconds = () => Math.floor(now() / 1000);
  const webhooks = createWebhooks(now);
  const seed = isDescribed ? openSeeds() : blankSeeds;
  const world = createWorld({ now, origin: () => url, seed, deliver: webhooks.push });
  const checkout = checkoutRoutes(world, () => url);

  const api = new Hono<StripeEnv>();
  const answerFailure = (error: Error, c: Context) => {
    if (!(error instanceof StripeFailure)) throw error;
    return c.json({ error: error.error }, error.status);
  };
  api.onError(answerFailure);
  api.use("/v1/*", async (c, next) => {
    if (c.req.header("authorization") !== `Bearer ${SECRET_KEY}`) {
      throw new StripeFailure(401, { type: "invalid_request_error", message: "Invalid API Key provided" });
    }
    if (c.req.header("stripe-version") !== API_VERSION)
      throw new Error("another version of the API than was agreed on");
    const text = c.req.method === "POST" ? await c.req.text() : new URL(c.req.url).searchParams.toString();
    c.set("params", parseForm(text));
    await next();
  });
  const keys = idempotency(seconds);
  api.use("/v1/*", keys.middleware);
  for (const routes of [
    catalogRoutes(world),
    customerRoutes(world),
    checkout.routes,
    subscriptionRoutes(world),
    invoiceRoutes(world),
    usageRoutes(world),
    accountRoutes(world, () => url),
  ]) {
    api.route("/", routes);
  }

  const app = new Hono().onError(answerFailure).route("/", api);
  for (const pages of [checkoutPages(world, checkout), portalPages(world, () => portal), invoicePages(world)]) {
    app.route("/", pages);
  }
  const simulator = await startSimulator({
    contract,
    app,
    port,
    basePath: BASE_PATH,
    parse: { [FORM]: parseForm },
  });
  url = simulator.url;

  return {
    url,
    requests: simulator.requests,
    violations: simulator.violations,
    fail: simulator.fail,
    breakDown: keys.breakDown,
    calm: simulator.calm,
    get faultsLeft() {
      return simulator.faultsLeft;
    },
    world,
    webhooks,
    secretKey: SECRET_KEY,
    configurePortal: (settings) => {
      portal = settings;
    },
    now,
    advance: (ms: number) => {
      const to = seconds() + Math.floor(ms / 1000);
      passTime(world, to, null, (at) => {
        offsetMs = Math.max(offsetMs, at * 1000 - Date.now());
      });
    },
    stop: async () => {
      await webhooks.stop();
      await simulator.stop();
    },
  };
}
