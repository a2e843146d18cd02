import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureWebBuilt } from "#scripts/build-web.ts";
import { describeWithBrowser, type Look, launchBrowser, openPage } from "./browser.ts";
import type { FixtureBeacon } from "./fixture-beacon.ts";
import { fixtureFleet } from "./fixture-fleet.ts";
import { type FixtureHub, startFixtureHub } from "./fixture-hub.ts";
import { overflowOf } from "./fixture-world.ts";

const COUNT = 1000;

describeWithBrowser("a fleet of 1,000 beacons", () => {
  let hub: FixtureHub;
  let fleet: FixtureBeacon[];
  let browser: Browser;
  beforeAll(async () => {
    const web = await ensureWebBuilt({ log: () => undefined });
    fleet = fixtureFleet(COUNT);
    hub = await startFixtureHub(web.console, fleet);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  const open = async (path: string, look?: Look) => {
    const opened = await openPage(browser, look);
    await opened.context.addCookies([{ name: "fixture", value: "in", url: hub.url }]);
    await opened.page.goto(hub.url + path);
    await opened.page.getByText("1000 beacons").waitFor();
    await rows(opened.page).first().waitFor();
    return opened;
  };
  const rows = (page: Page) => page.locator(".fleet-row");
  const names = (page: Page) => page.locator(".fleet-row strong").allTextContents();
  const filter = (page: Page, name: RegExp) => page.getByRole("group", { name: "Show" }).getByRole("button", { name });

  test("is listed with as many rows as can be seen, wherever the page is", async () => {
    const { page, context, complaints } = await open("/");
    const heights: number[] = [];
    for (const share of [0, 0.13, 0.5, 0.77, 1]) {
      await page.evaluate((at) => window.scrollTo(0, document.documentElement.scrollHeight * at), share);
      const wanted = `beacon-${String(Math.floor((COUNT - 12) * share)).padStart(4, "0")}`;
      await expect.poll(async () => (await names(page)).some((name) => name >= wanted)).toBe(true);
      expect(await rows(page).count()).toBeLessThan(60);
      heights.push(await page.evaluate(() => document.documentElement.scrollHeight));
    }
    expect(new Set(heights).size).toBe(1);
    await page.getByText("beacon-0999", { exact: true }).waitFor();
    expect(await page.locator("li[data-row]").last().getAttribute("aria-posinset")).toBe("1000");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("is searched, filtered and sorted, and a link shows it the same way", async () => {
    const { page, context, complaints } = await open("/");
    await filter(page, /^Offline 40$/).click();
    await page.waitForURL(/\?show=offline$/);
    await expect.poll(() => names(page)).toContain("beacon-0007");
    await page.getByRole("combobox", { name: "Provider" }).selectOption("hetzner");
    await expect.poll(async () => (await names(page))[0]).toBe("beacon-0057");
    await page.getByRole("button", { name: "Sort by Beacon" }).click();
    await expect.poll(async () => (await names(page))[0]).toBe("beacon-0957");
    const link = page.url();
    expect(new URL(link).search).toBe("?show=offline&provider=hetzner&sort=-name");
    await page.goto(link);
    await expect.poll(async () => (await names(page)).length).toBe(13);

    await filter(page, /^With alerts 25$/).click();
    await page.getByText("No beacon matches").or(rows(page).first()).waitFor();
    await page.getByRole("combobox", { name: "Provider" }).selectOption("");
    await page.getByRole("button", { name: "Sort by Status" }).click();
    await expect.poll(async () => rows(page).first().textContent()).toMatch(/beacon-\d+1.*1 alert/);
    await page.goto(`${hub.url}/`);
    await rows(page).first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("0042");
    await expect.poll(() => names(page)).toEqual(["beacon-0042"]);
    await page.keyboard.type("9");
    await page.getByText("No beacon matches").waitFor();
    await page.getByRole("button", { name: "Show all beacons" }).click();
    await expect.poll(async () => (await names(page))[0]).toBe("beacon-0000");
    expect(complaints).toEqual([]);
    await context.close();
  });

  /** The name of the beacon whose row has the focus. */
  const focusedOf = (page: Page) => () =>
    page.evaluate(() => {
      const row = document.activeElement?.closest("li[data-row]");
      return row === null
        ? `no row: ${document.activeElement?.outerHTML.slice(0, 80)}`
        : row?.querySelector("strong")?.textContent;
    });

  test("is walked through by keys, to its end and back", async () => {
    const { page, context, complaints } = await open("/");
    const focused = focusedOf(page);
    await rows(page).first().focus();
    for (let times = 0; times < 40; times++) await page.keyboard.press("ArrowDown");
    await expect.poll(focused).toBe("beacon-0040");
    await expect
      .poll(async () => {
        const { y = 0, height = 0 } = (await page.locator(".fleet-row:focus").boundingBox()) ?? {};
        return y > 0 && y + height <= 860;
      })
      .toBe(true);
    await page.keyboard.press("End");
    await expect.poll(focused).toBe("beacon-0999");
    await page.keyboard.press("ArrowUp");
    await expect.poll(focused).toBe("beacon-0998");
    await page.keyboard.press("Home");
    await expect.poll(focused).toBe("beacon-0000");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/beacons\/bcn_fleet-00000$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("misses no key, however slow the page is", async () => {
    const { page, context, complaints } = await open("/");
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 12 });
    await rows(page).first().focus();
    for (let times = 0; times < 3; times++) {
      for (const key of ["End", "ArrowUp", "ArrowUp", "Home", "ArrowDown"]) await page.keyboard.press(key);
    }
    await expect.poll(focusedOf(page)).toBe("beacon-0001");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/beacons\/bcn_fleet-00000$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("keeps the focus on a row that is scrolled away, listed elsewhere, or listed no more", async () => {
    const { page, context, complaints } = await open("/?sort=-status");
    const focused = focusedOf(page);
    const place = (name: string) =>
      page.evaluate(
        (wanted) =>
          [...document.querySelectorAll("li[data-row]")]
            .find((row) => row.querySelector("strong")?.textContent === wanted)
            ?.getAttribute("aria-posinset"),
        name,
      );
    await rows(page).filter({ hasText: "beacon-0032" }).focus();
    expect(await place("beacon-0032")).toBe("2");
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await expect
      .poll(async () => (await rows(page).count()) > 0 && (await names(page)).includes("beacon-0007"))
      .toBe(false);
    expect(await focused()).toBe("beacon-0032");
    await page.keyboard.press("ArrowDown");
    await expect.poll(focused).toBe("beacon-0057");
    await page.keyboard.press("ArrowUp");
    await expect.poll(focused).toBe("beacon-0032");

    const beacon = fleet[32];
    const others = fleet.slice(0, 32).filter(({ online }) => online);
    if (beacon === undefined) throw new Error("no such beacon");
    // First others come before it, then it goes to the middle of the list, which nobody sees.
    for (const one of others) one.online = false;
    await expect.poll(() => place("beacon-0032")).toBe("33");
    expect(await focused()).toBe("beacon-0032");
    beacon.online = true;
    await expect.poll(async () => Number(await place("beacon-0032"))).toBeGreaterThan(90);
    expect(await focused()).toBe("beacon-0032");
    for (const one of others) one.online = true;
    beacon.online = false;
    await expect.poll(() => place("beacon-0032")).toBe("2");
    expect(await focused()).toBe("beacon-0032");

    await filter(page, /^Offline 40$/).click();
    await rows(page).filter({ hasText: "beacon-0032" }).focus();
    beacon.online = true;
    await expect.poll(focused).toBe("beacon-0057");
    beacon.online = false;
    await expect.poll(() => place("beacon-0032")).toBe("2");
    expect(await focused()).toBe("beacon-0057");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/beacons\/bcn_fleet-00057$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("is kept up to date by one stream", async () => {
    const { page, context, complaints } = await open("/?show=offline");
    const streams: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/api/")) streams.push(request.url());
    });
    for (const beacon of fleet.slice(100, 200)) beacon.online = false;
    await filter(page, /^Offline 1[34]\d$/).waitFor();
    for (const [number, beacon] of fleet.entries()) beacon.online = number % 25 !== 7;
    await filter(page, /^Offline 40$/).waitFor();
    expect(streams).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("fits a narrow phone, where its rows are higher", async () => {
    const { page, context } = await open("/", { width: 360, height: 740 });
    expect(await overflowOf(page)).toBe(0);
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.getByText("beacon-0999", { exact: true }).waitFor();
    expect(await rows(page).count()).toBeLessThan(40);
    await page.getByRole("combobox", { name: /^Sort by/ }).selectOption("-name");
    await page.evaluate(() => window.scrollTo(0, 0));
    await expect.poll(async () => (await names(page))[0]).toBe("beacon-0999");
    await context.close();
  });
});
