import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { JobView } from "#shared/api/hub.ts";
import { type PayDesk, startPayDesk } from "../hub/site/pay-desk.ts";
import { startShopHub } from "../hub/site/site-hub.ts";
import type { TestHub } from "../hub/test-hub.ts";
import { describeWithBrowser, launchBrowser, openPage } from "./browser.ts";

const Jobs = z.object({ jobs: z.array(JobView) });

describeWithBrowser("the public site", () => {
  let browser: Browser;
  let approving: TestHub;
  let paying: TestHub;
  let desk: PayDesk;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    desk = await startPayDesk();
    approving = await startShopHub();
    paying = await startShopHub({ billing: desk });
    desk.hub = paying.url;
  });
  beforeEach(() => {
    approving.advance(600_000);
    paying.advance(600_000);
  });
  afterAll(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await browser.close();
    await Promise.all([approving.stop(), paying.stop()]);
    await desk.stop();
  });

  const withScript = async () => {
    const opened = await openPage(browser);
    contexts.push(opened.context);
    return opened;
  };
  const withoutScript = async (): Promise<Page> => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 380, height: 800 } });
    contexts.push(context);
    return context.newPage();
  };
  const jobOf = async (hub: TestHub, name: string) => {
    const { jobs } = Jobs.parse((await (await hub.operator()).get("/api/jobs")).body);
    return jobs.filter(({ beaconName }) => beaconName === name);
  };
  const approve = async (name: string) => {
    const [job] = await jobOf(approving, name);
    await (await approving.operator()).post(`/api/jobs/${job?.id}/approve`);
  };

  /** From the first page to the review, as a stranger goes. */
  const toReview = async (page: Page, hub: TestHub, name: string) => {
    await page.goto(hub.url);
    await page.getByRole("link", { name: "See bundles and prices" }).click();
    await page.getByRole("link", { name: "Tiny", exact: true }).click();
    await page.getByRole("link", { name: "Choose Tiny T2" }).click();
    await page.getByLabel("Name of your server").fill(name);
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByRole("button", { name: "Review the order" }).click();
    await page.getByRole("heading", { name: "Is this right?" }).waitFor();
  };

  it("sells without any script: from the first page to the payment and back", async () => {
    const page = await withoutScript();
    await toReview(page, paying, "noscript");
    expect(await page.getByText("noscript.localhost").isVisible()).toBe(true);
    await page.getByRole("button", { name: "Order and pay $20.50" }).click();
    await page.getByRole("button", { name: "Pay now" }).click();
    await page.waitForURL(/\/order\/purchase_/);
    await expect.poll(() => jobOf(paying, "noscript").then(([job]) => job?.state)).not.toBe("PENDING");
    await page.reload();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Your server is being made");
    // It loads itself again for whoever has no script.
    expect(await page.content()).toContain('http-equiv="refresh" content="5');
  });

  it("shows the progress by itself where there is a script, and complains of nothing", async () => {
    const { page, complaints } = await withScript();
    await toReview(page, approving, "live");
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Your order is in" }).waitFor();
    await page.evaluate(() => document.body.setAttribute("data-loaded", "once"));
    await approve("live");
    await page.getByRole("heading", { name: "Your server is being made" }).waitFor();
    expect(await page.getAttribute("body", "data-loaded")).toBe("once");
    expect(await page.locator('[aria-current="step"]').count()).toBe(1);
    expect(await page.getByRole("status").textContent()).toMatch(/Your server/);
    expect(complaints).toEqual([]);
  });

  it("leads to the payment on another origin under its own policy", async () => {
    const { page, complaints } = await withScript();
    await toReview(page, paying, "csp");
    await page.getByRole("button", { name: "Order and pay $20.50" }).click();
    await page.waitForURL(`${desk.checkout.origin}/**`);
    await page.getByRole("button", { name: "Pay now" }).click();
    await page.waitForURL(/\/order\/purchase_/);
    await page.getByRole("heading", { name: "Your server is being made" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("makes one order, though its reader goes back, sends again and loads again", async () => {
    const { page } = await withScript();
    await toReview(page, approving, "backward");
    await page.getByRole("button", { name: "Place the order" }).dblclick();
    await page.getByRole("heading", { name: "Your order is in" }).waitFor();
    const order = page.url();
    await page.goBack();
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.waitForURL(order);
    await page.reload();
    await page.getByRole("heading", { name: "Your order is in" }).waitFor();
    expect(await jobOf(approving, "backward")).toHaveLength(1);
  });

  it("says beside each field what is wrong with it, and keeps what was typed", async () => {
    const page = await withoutScript();
    await page.goto(`${approving.url}/sign-up?bundle=tiny&tier=t2`);
    await page.getByLabel("Name of your server").fill("xn--ada");
    await page.getByLabel("E-mail").fill("ada");
    await page.getByRole("button", { name: "Review the order" }).click();
    const name = page.getByLabel("Name of your server");
    expect(await name.getAttribute("aria-invalid")).toBe("true");
    const [wrongId = ""] = ((await name.getAttribute("aria-describedby")) ?? "").split(" ");
    expect(await page.locator(`#${wrongId}`).textContent()).toMatch(/third and fourth place/);
    expect(await page.locator("#email-wrong").textContent()).toMatch(/name@example.org/);
    expect(await name.inputValue()).toBe("xn--ada");
    expect(await page.getByLabel("E-mail").inputValue()).toBe("ada");
    expect(await page.getByRole("radio", { name: /T2/ }).isChecked()).toBe(true);
    expect(await page.title()).toMatch(/^Please look again/);
  });

  it("changes an order before it is placed, with all that was chosen", async () => {
    const page = await withoutScript();
    await toReview(page, approving, "changed");
    await page.getByRole("button", { name: "Change something" }).click();
    expect(await page.getByLabel("Name of your server").inputValue()).toBe("changed");
    await page.getByText("Add apps or storage").click();
    await page.getByLabel(/500 GB/).check();
    await page.getByRole("button", { name: "Review the order" }).click();
    expect(await page.locator(".bill").textContent()).toMatch(
      /Tiny T2\$20\.50500 GB of storage\$24\.99\s+Total a month\$45\.49/,
    );
  });

  it("can be used by keyboard alone, in the order in which it is read", async () => {
    const { page } = await withScript();
    await page.goto(`${approving.url}/sign-up?bundle=tiny`);
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim());
    const seen: (string | undefined)[] = [];
    for (let at = 0; at < 11; at++) {
      await page.keyboard.press("Tab");
      seen.push(await focused());
    }
    expect(seen.slice(0, 3)).toEqual(["Skip to the page", "WOPR", "Pricing"]);
    expect(seen.indexOf("name")).toBeLessThan(seen.indexOf("email"));
    expect(seen.indexOf("email")).toBeGreaterThan(0);
    await page.keyboard.press("Enter");
  });

  it("fits small and large screens in light and dark, and is read with enough contrast", async () => {
    for (const look of [
      { width: 380, scheme: "light" },
      { width: 380, scheme: "dark" },
      { width: 1280, scheme: "light" },
      { width: 1280, scheme: "dark" },
    ] as const) {
      const { page, context, complaints } = await openPage(browser, look);
      for (const path of ["/", "/pricing", "/bundles/starter", "/bundles/tiny", "/sign-up?bundle=tiny", "/nothing"]) {
        await page.goto(approving.url + path);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([path, look.width, overflow]).toEqual([path, look.width, 0]);
        expect(await page.evaluate(faintTexts)).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await context.close();
    }
  });
});

/** Texts whose contrast is below 4.5 to 1 (3 to 1 for large ones): https://www.w3.org/TR/WCAG22/#contrast-minimum. Runs in the page. */
function faintTexts(): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (colour: string): readonly [number, number, number, number] => {
    context?.clearRect(0, 0, 1, 1);
    if (context) context.fillStyle = colour;
    context?.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = context?.getImageData(0, 0, 1, 1).data ?? [];
    return [r, g, b, a / 255];
  };
  const luminance = ([r, g, b]: readonly [number, number, number, number]) => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element: Element | null): readonly [number, number, number, number] => {
    if (element === null) return rgba(getComputedStyle(document.documentElement).backgroundColor);
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] > 0.99 ? own : ground(element.parentElement);
  };
  const hasText = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
  return [...document.querySelectorAll("body *")]
    .filter((element) => hasText(element) && element.getClientRects().length > 0)
    .filter((element) => element.closest("[aria-disabled], .skip, svg, script, style, noscript") === null)
    .flatMap((element) => {
      const style = getComputedStyle(element);
      const [light = 0, dark = 0] = [luminance(rgba(style.color)), luminance(ground(element))].sort((a, b) => b - a);
      const isLarge = Number.parseFloat(style.fontSize) >= 24;
      const contrast = (light + 0.05) / (dark + 0.05);
      return contrast >= (isLarge ? 3 : 4.5)
        ? []
        : [`${element.textContent?.trim().slice(0, 30)}: ${contrast.toFixed(2)}`];
    });
}
