import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureWebBuilt } from "#scripts/build-web.ts";
import { type Bought, DAY_MS, startShop, type TestShop } from "#test/hub/billing/shop.ts";
import { hasContracts } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { hasBrowser } from "./browser.ts";
import { type RealWorld, showIn, startRealWorld } from "./real-world.ts";

describe.skipIf(!hasBrowser || !hasContracts())("money in the console", () => {
  let shop: TestShop;
  let world: RealWorld;
  let ada: Bought;
  beforeAll(async () => {
    const { console: consoleDirectory } = await ensureWebBuilt({ log: () => undefined });
    shop = await startShop({ contract: stripeContract(), settings: { consoleDirectory } });
    world = await showIn(shop.hub);
  });
  afterAll(async () => {
    await world.stop();
    await shop.stop();
    expect(shop.stripe.violations).toEqual([]);
  });
  const prices = async (purchase: string) => (await shop.subscription(purchase))?.prices;

  test("says where an order is before anybody has subscribed", async () => {
    await shop.order("waits");
    const { page, context } = await world.open("/sales");
    await page.getByRole("heading", { name: "Nobody has subscribed yet" }).waitFor();
    await page.getByRole("link", { name: "To the orders" }).click();
    await page.getByRole("link", { name: "waits@example.org" }).click();
    await page.getByRole("region", { name: "Payment" }).getByText("Not paid yet").waitFor();
    await context.close();
  });

  test("leads the operator from a subscription to its order, payment and invoices", async () => {
    ada = await shop.buy("ada");
    const { page, context, complaints } = await world.open("/sales");
    const revenue = page.getByRole("region", { name: "Revenue in USD" });
    await revenue.getByText("a month, of 1 subscription").waitFor();
    expect(await revenue.locator(".revenue-sum strong").textContent()).toBe("$29.99");
    const row = page.getByRole("listitem", { name: "ada" });
    await row.getByText("Starter T1").waitFor();
    await row.getByText("Active").waitFor();
    await row.getByText(/^Next invoice on \d/).waitFor();
    await row.getByRole("link", { name: "ada@example.org" }).click();
    await page.getByRole("link", { name: "ada@example.org" }).click();
    const payment = page.getByRole("region", { name: "Payment" });
    await payment.getByText("Paid", { exact: true }).first().waitFor();
    const pdf = payment.getByRole("link", { name: /^PDF of/ });
    expect(await pdf.getAttribute("href")).toContain("/pdf");
    await payment.getByRole("link", { name: ada.subscription.id }).click();
    await page.getByRole("heading", { level: 1, name: "Sales" }).waitFor();
    await row.waitFor();
    expect(await page.getByLabel("Search subscriptions").inputValue()).toBe(ada.subscription.id);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("changes what is subscribed to, by keyboard, and says before what it will cost", async () => {
    const { page, context, complaints } = await world.open("/sales");
    const row = page.getByRole("listitem", { name: "ada" });
    await row.getByRole("button", { name: "What to do about ada" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Change what it has" }).press("Enter");
    const dialog = page.getByRole("dialog");
    const change = dialog.getByRole("button", { name: "Change", exact: true });
    const sum = dialog.locator(".change-sum strong");
    expect(await sum.textContent()).toBe("$29.99");
    expect(await change.isDisabled()).toBe(true);
    await dialog.getByLabel("Bundle and size").selectOption("bundle_starter_t2");
    const larger = await sum.textContent();
    expect(larger).not.toBe("$29.99");
    await dialog.getByRole("checkbox", { name: /^BookStack/ }).press("Space");
    expect(await sum.textContent()).not.toBe(larger);
    await change.press("Enter");
    await page.getByText("ada is changed. Its server follows.").waitFor();
    await row.getByText("Starter T2").waitFor();
    await row.getByText("with BookStack").waitFor();
    const revenue = page.getByRole("region", { name: "Revenue in USD" }).locator(".revenue-sum strong");
    const price = (await row.locator(".subscription-price").textContent())?.replace("a month", "");
    await expect.poll(() => revenue.textContent()).toBe(price);
    expect(await prices(ada.purchase)).toEqual(["addon_bookstack", "bundle_starter_t2"]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("gives credit once, however often it is sent, and no amount that is none", async () => {
    const { page, context, complaints } = await world.open("/sales");
    await page.getByRole("button", { name: "What to do about ada" }).click();
    await page.getByRole("menuitem", { name: "Give credit" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Give credit" }).click();
    await dialog.getByText("A reason is needed.").waitFor();
    await dialog.getByLabel("Amount in USD").fill("5.005");
    await dialog.getByText("An amount up to $10,000.00.").waitFor();
    await dialog.getByLabel("Amount in USD").fill("5,50");
    await dialog.getByLabel("Reason").fill("The outage of Tuesday");
    // Its answer is lost on the way: nobody knows whether it has arrived.
    await page.route("**/credits", async (route) => {
      await route.fetch();
      await route.abort("failed");
    });
    await dialog.getByRole("button", { name: "Give $5.50" }).click();
    await dialog.getByRole("alert").getByText("The server cannot be reached.").waitFor();
    await page.unroute("**/credits");
    await dialog.getByRole("button", { name: "Give $5.50" }).click();
    await page.getByText("ada@example.org gets $5.50 with the next invoice.").waitFor();
    await expect.poll(() => shop.stripe.world.customers.all().map(({ balance }) => balance)).toContain(-550);
    const given = await shop.hub.db.selectFrom("billing_notice").selectAll().execute();
    expect(given).toHaveLength(1);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("shows its owner what is theirs, changes it, and leads to where the card is", async () => {
    await shop.buy("grace");
    const owner = await shop.hub.owner("ada@example.org");
    const { page, context, complaints } = await world.open("/", {}, owner);
    await page.getByRole("link", { name: "Billing" }).click();
    const list = page.getByRole("list", { name: "Subscriptions" });
    await list.getByText("Starter T2").waitFor();
    expect(await list.getByRole("listitem").count()).toBe(1);
    await page
      .getByRole("list", { name: "Invoices" })
      .getByRole("link", { name: /^PDF of/ })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Change what ada has" }).click();
    await page
      .getByRole("dialog")
      .getByRole("checkbox", { name: /^BookStack/ })
      .uncheck();
    await page.getByRole("dialog").getByRole("button", { name: "Change", exact: true }).click();
    await list.getByText("with BookStack").waitFor({ state: "detached" });
    expect(await prices(ada.purchase)).toEqual(["bundle_starter_t2"]);
    expect(complaints).toEqual([]);
    const portal = page.waitForRequest((request) => request.url().startsWith(shop.stripe.url));
    await page.getByRole("button", { name: "Change card or cancel" }).click();
    expect((await portal).url()).toContain("/portal/");
    await context.close();
  });

  test("says what becomes of a beacon that is not paid for, and until when it can be", async () => {
    const { purchase } = await shop.buy("late", { card: "later" });
    await shop.delivered(purchase);
    await shop.pass(32 * DAY_MS);
    await expect
      .poll(async () => (await shop.hub.operator()).get("/api/subscriptions").then(({ body }) => body))
      .toMatchObject({
        subscriptions: expect.arrayContaining([expect.objectContaining({ beaconName: "late", status: "past_due" })]),
      });
    const { page, context } = await world.open("/sales?show=late");
    const row = page.getByRole("listitem", { name: "late" });
    await row.getByText("Past due").waitFor();
    await row.getByText(/^Suspended on \d/).waitFor();
    expect(await page.getByRole("list", { name: "Subscriptions" }).getByRole("listitem").count()).toBe(1);
    await row.getByRole("button", { name: "What to do about late" }).click();
    expect(await page.getByRole("menuitem", { name: "Change what it has" }).isDisabled()).toBe(true);
    await context.close();
  });
});

describe.skipIf(!hasBrowser)("a hub that sells nothing", () => {
  test("says so to its operator, and how that is changed", async () => {
    const world = await startRealWorld();
    try {
      const { page } = await world.open("/sales");
      await page.getByRole("heading", { name: "This hub sells nothing" }).waitFor();
      const { page: own } = await world.open("/billing", {}, await world.hub.owner("ada@example.org"));
      await own.getByRole("heading", { name: "You pay for nothing here" }).waitFor();
    } finally {
      await world.stop();
    }
  });
});
