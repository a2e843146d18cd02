import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Problem } from "#shared/problem.ts";
import { describeWithBrowser } from "./browser.ts";
import { fillSales } from "./fixture-sales.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

const sale = { bundle: "tiny", tier: "t1", monthlyCents: 1050, currency: "usd" } as const;

describeWithBrowser("orders and jobs", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
    const { jobs, sales } = world.hub;
    fillSales(sales);
    jobs.order({ email: "hal@example.org", beacon: "hal", modules: [] });
    jobs.order({ email: "lou@example.org", beacon: "lou", modules: [] }, { ...sale, awaits: "approval" });
  });
  afterAll(async () => {
    await world.stop();
  });

  test("are filtered by how they stand and searched, live, and the address says how", async () => {
    const { page, context, complaints } = await world.openConsole("/jobs");
    const list = page.getByRole("list", { name: "Jobs" }).getByRole("listitem");
    await expect.poll(() => list.count()).toBe(2);
    await page.getByRole("button", { name: "Failed 0" }).click();
    await page.getByText("No job matches").waitFor();
    expect(page.url()).toContain("?show=failed");
    const { id } = world.hub.jobs.order({ email: "eve@example.org", beacon: "eve", modules: [] });
    world.hub.jobs.fail(id, new Problem("provider_quota", "the account may have no more servers"));
    await list.getByText("the account may have no more servers").waitFor();
    await page.getByRole("button", { name: "Wait for you 1" }).click();
    await list.getByText("Waits for you to let it pass: tiny T1, $10.50 a month").waitFor();
    expect(await list.count()).toBe(1);
    await page.getByRole("button", { name: "All 3" }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("HAL@");
    await expect.poll(() => list.count()).toBe(1);
    await page.reload();
    await list.getByText("hal@example.org").waitFor();
    expect(await list.count()).toBe(1);
    await page.getByLabel("Search jobs").focus();
    await page.keyboard.press("Escape");
    await expect.poll(() => list.count()).toBe(3);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("lead from what is in the way to where it is put right", async () => {
    const { id } = world.hub.jobs.order({ email: "mia@example.org", beacon: "mia", modules: [] });
    world.hub.jobs.fail(id, new Problem("provider_credentials", "Hetzner Cloud does not take the credentials"));
    const { page, context } = await world.openConsole(`/jobs/${id}`);
    await page.getByRole("alert").getByRole("link", { name: "Put in other credentials" }).click();
    await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();
    await context.close();
  });

  test("have a log to be kept, with all that is known", async () => {
    const { page, context } = await world.openConsole("/jobs");
    await page.getByRole("link", { name: "hal@example.org" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Log" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("hal-job_fixture-0001.txt");
    const text = readFileSync(await file.path(), "utf8");
    expect(text).toContain("purchase  purchase_fixture-0001\n");
    expect(text).toContain("order taken");
    await context.close();
  });

  test("tell who paid what, with the invoices of the subscription", async () => {
    const { jobs, sales } = world.hub;
    const { id, purchase } = jobs.order(
      { email: "pat@example.org", beacon: "pat", modules: [] },
      { ...sale, awaits: "payment" },
    );
    sales.payments.set(purchase, { state: "open" });
    const { page, context, complaints } = await world.openConsole(`/jobs/${id}`);
    const payment = page.getByRole("region", { name: "Payment" });
    await payment.getByText("Not paid yet").waitFor();
    await payment.getByText("$10.50").waitFor();
    expect(await payment.getByRole("list", { name: "Invoices" }).count()).toBe(0);
    // What Stripe told comes with the next event of the job.
    sales.payments.set(purchase, { state: "paid", since: Date.now(), subscription: "sub_1" });
    jobs.advance(id, "bcn_00000001");
    await payment.getByText("Paid", { exact: true }).first().waitFor();
    const invoices = payment.getByRole("list", { name: "Invoices" });
    // They are asked for once it is paid.
    await invoices.getByRole("listitem").nth(2).waitFor();
    expect(await invoices.getByRole("listitem").count()).toBe(3);
    // It is not the operator who pays them.
    expect(await invoices.getByRole("link", { name: /^See / }).count()).toBe(3);
    expect(
      await invoices
        .getByRole("link", { name: /^PDF of / })
        .first()
        .getAttribute("href"),
    ).toContain("/pdf");
    expect(await payment.getByRole("link", { name: "sub_1" }).getAttribute("href")).toBe("/sales?search=sub_1");
    expect(complaints).toEqual([]);
    await context.close();
  });
});
