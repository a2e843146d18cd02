import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costWords, findingWords, placeOf } from "#hub/console/findings/finding-words.ts";
import { type Finding, findingKinds } from "#shared/api/reconcile.ts";
import { describeWithBrowser } from "./browser.ts";
import { fillSales } from "./fixture-sales.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

const finding = (changed: Partial<Finding>): Finding => ({
  ...{ id: "f", kind: "orphan-vps", subject: "1", title: "A server", detail: "It is there.", hint: "Delete it." },
  ...{ since: 1, resolvable: true },
  ...changed,
});

describe("what findings say", () => {
  test("has words for each kind", () => {
    for (const kind of findingKinds) expect(findingWords[kind].title).toMatch(/^[A-Z]/);
  });

  test("sums what they cost, each currency by itself and the most first", () => {
    const cost = (cents: number | undefined, currency?: string) =>
      finding({
        ...(cents === undefined ? {} : { monthlyCents: cents }),
        ...(currency === undefined ? {} : { currency }),
      });
    expect(costWords([cost(379, "eur"), cost(1000, "usd"), cost(121, "eur"), cost(undefined)])).toBe(
      "$10.00 and €5.00",
    );
    expect(costWords([cost(undefined), cost(0, "usd")])).toBeUndefined();
    expect(costWords([])).toBeUndefined();
  });

  test("lead to where more is known", () => {
    expect(placeOf(finding({ purchase: "pur_1", beacon: "bcn_1" }))?.href).toBe("/jobs?search=pur_1");
    expect(placeOf(finding({ beacon: "bcn_1" }))?.href).toBe("/beacons/bcn_1");
    expect(placeOf(finding({ kind: "unreachable", provider: "upcloud" }))?.href).toBe("/providers");
    expect(placeOf(finding({ provider: "upcloud" }))).toBeUndefined();
  });
});

describeWithBrowser("the page of findings", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });

  test("says that nothing was compared yet, compares, and says that everything agrees", async () => {
    const { page, context, complaints } = await world.openConsole("/sales");
    await page.getByRole("link", { name: "Findings" }).click();
    await page.getByRole("heading", { name: "Nothing was compared yet" }).waitFor();
    await page.getByRole("button", { name: "Check now" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Everything agrees" }).waitFor();
    expect(await page.getByRole("button", { name: "Put right what is certain" }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("lists what costs money for nothing, and puts right only what is certain, when it is told to", async () => {
    fillSales(world.hub.sales);
    const { page, context, complaints } = await world.openConsole("/sales/findings");
    await page.getByText("3 things do not agree, at $49.99 and €3.79 a month.").waitFor();
    const list = page.getByRole("list", { name: "Findings" }).locator("> li");
    expect(await list.count()).toBe(3);
    expect(await list.first().getByRole("link").getAttribute("href")).toBe("/jobs?search=pur_00000001");
    await list.nth(1).getByText("The hub puts it right tonight").waitFor();
    await list.nth(1).getByRole("alert").getByText("Hetzner Cloud does not answer.").waitFor();

    await page.getByRole("button", { name: "Put right what is certain" }).click();
    const dialog = page.getByRole("dialog");
    await expect.poll(() => dialog.getByRole("listitem").count()).toBe(1);
    await dialog.getByRole("button", { name: "Not now" }).click();
    expect(world.hub.sales.findings.findings).toHaveLength(3);
    await page.getByRole("button", { name: "Put right what is certain" }).click();
    await dialog.getByRole("button", { name: "Put it right" }).click();
    await page.getByRole("status", { name: "Put right" }).getByText("1 thing put right").waitFor();
    await page.getByText("2 things do not agree, at $49.99 a month.").waitFor();
    expect(await list.count()).toBe(2);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("shows that it asks while that takes its time, and what was in the way", async () => {
    const { page, context } = await world.openConsole("/sales/findings");
    let answer: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/api/reconcile", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      await held;
      return route.fulfill({ status: 503, body: "away" });
    });
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByRole("progressbar", { name: "Asking Stripe and every provider" }).waitFor();
    answer?.();
    await page.getByRole("alert").getByText("The server is not ready.").waitFor();
    // What is known stays in sight.
    await page.getByRole("list", { name: "Findings" }).waitFor();
    await context.close();
  });
});
