// @module-tag docker
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { z } from "zod";
import { type Business, openBusiness } from "#scripts/demo/business.ts";
import { choosePlace, type Place } from "#scripts/demo/place.ts";
import { createStages, until } from "#scripts/demo/stage.ts";
import { BillingPage, SubscriptionView } from "#shared/api/billing.ts";
import { BeaconSummary } from "#shared/api/hub.ts";
import { describeWithBrowser, launchBrowser } from "../ui/browser.ts";
import { expectDelivered } from "./delivered.ts";
import { root } from "./whole-way.ts";

/** What the browser saw, for people to look at. */
const shots = join(root, ".wopr/screenshots");
/** From the payment to a beacon that is up, on a machine that does much else. */
const DELIVERY_MS = 300_000;

const Subscriptions = z.object({ subscriptions: z.array(SubscriptionView) });
const Beacons = z.object({ beacons: z.array(BeaconSummary) });

describeWithBrowser("a purchase in the browser", () => {
  let place: Place;
  let business: Business;
  let browser: Browser;
  const undos: (() => Promise<void>)[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    place = await choosePlace(root, "check");
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const stages = createStages(print, Date.now);
    business = await openBusiness({ place, stages, print, onCleanUp: (undo) => undos.push(undo) }).catch((cause) => {
      throw new Error(`the business did not open:\n${lines.join("\n")}`, { cause });
    });
    browser = await launchBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
    rmSync(place.folder, { recursive: true, force: true });
  });

  const openBrowser = async (options: { readonly javaScriptEnabled: boolean }) => {
    const context: BrowserContext = await browser.newContext({
      ...options,
      viewport: { width: 1280, height: 860 },
      locale: "en-GB",
      // The beacon signs for itself here; its certificate is looked at beside the browser.
      ignoreHTTPSErrors: true,
    });
    context.on("weberror", (error) => complaints.push(error.error().message));
    const page = await context.newPage();
    onTestFailed(() => page.screenshot({ path: join(shots, "purchase-failed.png") }).then(() => undefined));
    return page;
  };

  /** From the landing page to Stripe's. */
  async function order(page: Page, { bundle, name, email }: { bundle: string; name: string; email: string }) {
    await page.goto(business.hub.url);
    await page.screenshot({ path: join(shots, "shop.png") });
    await page.getByRole("link", { name: "See bundles and prices" }).click();
    await page.getByRole("link", { name: bundle, exact: true }).click();
    await page.screenshot({ path: join(shots, "shop-bundle.png"), fullPage: true });
    await page
      .getByRole("link", { name: `Choose ${bundle}` })
      .first()
      .click();
    await page.getByLabel("Name of your server").fill(name);
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Review the order" }).click();
    await page.getByRole("button", { name: /^Order and pay/ }).click();
    await page.getByRole("heading", { name: "Subscribe" }).waitFor();
  }

  async function pay(page: Page, card: string) {
    await page.getByLabel("Card number").fill(card);
    await page.getByLabel("Expiry").fill("12/34");
    await page.getByLabel("CVC").fill("123");
    await page.getByRole("button", { name: /^Pay/ }).click();
  }

  const subscriptionOf = async (name: string) => {
    const { subscriptions } = await business.client.get("/api/subscriptions", Subscriptions);
    return subscriptions.find((one) => one.beaconName === name);
  };
  let page: Page;
  let signInLink = "";

  test(
    "goes from the landing page over Stripe's to a beacon whose app opens, and a mail with the handbook",
    async () => {
      page = await openBrowser({ javaScriptEnabled: true });
      await order(page, { bundle: "Essentials", name: "ada", email: "ada@example.org" });
      expect(new URL(page.url()).origin).toBe(business.stripe.url);
      expect(await page.getByLabel("E-mail").inputValue()).toBe("ada@example.org");
      await page.getByText("14.99 USD").first().waitFor();
      await page.screenshot({ path: join(shots, "stripe-checkout.png"), fullPage: true });
      await pay(page, "4000 0000 0000 0002");
      await page.getByRole("alert").getByText("Your card was declined.").waitFor();
      await page.screenshot({ path: join(shots, "stripe-declined.png"), fullPage: true });
      await pay(page, "4242 4242 4242 4242");
      await page.waitForURL(`${business.hub.url}/order/*`);
      await page.getByRole("heading", { name: "Your server is being made" }).waitFor();
      await page.screenshot({ path: join(shots, "purchase-progress.png"), fullPage: true });
      await page.getByRole("heading", { name: "Your server is up" }).waitFor({ timeout: DELIVERY_MS });
      await page.screenshot({ path: join(shots, "purchase-up.png"), fullPage: true });
      const delivered = await expectDelivered(business, {
        app: "vaultwarden",
        beacon: "ada",
        email: "ada@example.org",
      });
      signInLink = delivered.signInLink;
      await page.goto(delivered.url);
      await page.screenshot({ path: join(shots, "purchase-app.png") });
      expect(await page.locator("body").textContent()).toMatch(/vaultwarden/i);
    },
    DELIVERY_MS + 120_000,
  );

  test("leaves a customer who signs in by the mail's link, and cancels on the portal", async () => {
    await page.goto(signInLink);
    await page.getByText("ada.localhost").first().waitFor();
    const opened = await page.context().request.post(`${business.hub.url}/api/billing/portal`, {
      headers: { origin: business.hub.url },
    });
    await page.goto(BillingPage.parse(await opened.json()).url);
    await page.getByText("visa •••• 4242").waitFor();
    await page.screenshot({ path: join(shots, "stripe-portal.png"), fullPage: true });
    await page.getByRole("link", { name: "Cancel plan" }).click();
    await page.screenshot({ path: join(shots, "stripe-cancel.png"), fullPage: true });
    await page.getByRole("button", { name: "Cancel plan" }).click();
    await page.getByText(/Ends on/).waitFor();
    const endsAt = await until("the end in the hub's books", 20_000, async () => (await subscriptionOf("ada"))?.endsAt);
    expect(endsAt).toBeGreaterThan(Date.now());

    const link = page.locator("table a").first();
    await link.click();
    await page.getByText("It is paid.").waitFor();
    await page.screenshot({ path: join(shots, "stripe-invoice.png"), fullPage: true });
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the invoice" }).click();
    expect((await download).suggestedFilename()).toMatch(/^Invoice-.*\.pdf$/);
  });

  test("that is cancelled at once has the beacon suspended", async () => {
    const { stripe, client, hub } = business;
    stripe.configurePortal({ cancel: "immediately" });
    const opened = await page.context().request.post(`${hub.url}/api/billing/portal`, { headers: { origin: hub.url } });
    await page.goto(BillingPage.parse(await opened.json()).url);
    await page.getByRole("button", { name: "Don't cancel plan" }).click();
    await page.getByText(/Renews on/).waitFor();
    await page.getByRole("link", { name: "Cancel plan" }).click();
    await page.getByText("It ends at once.").waitFor();
    await page.getByRole("button", { name: "Cancel plan" }).click();
    await page.getByText(/Ended on/).waitFor();
    await until("the end in the hub's books", 20_000, async () => {
      const subscription = await subscriptionOf("ada");
      return subscription?.status === "canceled" || undefined;
    });
    await until("the suspension", 60_000, async () => {
      const { beacons } = await client.get("/api/beacons", Beacons);
      return beacons.find(({ name }) => name === "ada")?.suspendedAt;
    });
  });

  test(
    "needs no script",
    async () => {
      const plain = await openBrowser({ javaScriptEnabled: false });
      await order(plain, { bundle: "Vault", name: "bob", email: "bob@example.org" });
      await pay(plain, "4000 0025 0000 3155");
      await plain.getByRole("button", { name: "Complete" }).click();
      await plain.waitForURL(`${business.hub.url}/order/*`);
      await plain.getByRole("heading", { name: "Your server is up" }).waitFor({ timeout: DELIVERY_MS });
      await plain.screenshot({ path: join(shots, "purchase-plain.png"), fullPage: true });
      await expectDelivered(business, { app: "vaultwarden", beacon: "bob", email: "bob@example.org" });
    },
    DELIVERY_MS + 60_000,
  );

  test("leaves nothing wrong behind in the browser or at Stripe", async () => {
    expect(complaints).toEqual([]);
    const { world, webhooks } = business.stripe;
    await webhooks.settled();
    expect(world.paymentIntents.all().map(({ amount }) => amount)).toEqual([899, 1499]);
    expect(world.refunds.all()).toEqual([]);
    expect(webhooks.answers.filter((status) => status >= 300)).toEqual([]);
  });
});
