import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Problem } from "#shared/problem.ts";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, overflowOf, startFixtureWorld } from "./fixture-world.ts";

describeWithBrowser("charts", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(() => world.stop());

  const card = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });
  const placeOf = async (page: Page, title: string) => {
    const canvas = card(page, title).locator(".u-over");
    await canvas.waitFor();
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error("the chart has no place");
    return box;
  };
  const windowIn = (page: Page) => {
    const asked = new URL(page.url()).searchParams;
    return { fromMs: Number(asked.get("from")), toMs: Number(asked.get("to")) };
  };

  test("are zoomed by a drag, and the way back leads to where they were", async () => {
    const { page, context, complaints } = await world.openDashboard("/?range=1h");
    const box = await placeOf(page, "Memory");
    const now = Date.now();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 50, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
    const { fromMs, toMs } = windowIn(page);
    expect(toMs - fromMs).toBeGreaterThan(14 * 60_000);
    expect(toMs - fromMs).toBeLessThan(16 * 60_000);
    expect(Math.abs(now - 45 * 60_000 - fromMs)).toBeLessThan(90_000);
    // Nothing is left selected, on no chart.
    await expect.poll(() => page.locator(".u-select").count()).toBe(6);
    expect(await page.locator(".u-select").evaluateAll((all) => all.map((one) => one.clientWidth))).toEqual(
      Array.from({ length: 6 }, () => 0),
    );
    await page.goBack();
    await page.waitForURL(/\?range=1h$/);
    await page.goForward();
    await page.mouse.dblclick(box.x + box.width / 2, box.y + 40);
    await page.waitForURL(/\?range=1h$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("are moved and zoomed by buttons and keys as well", async () => {
    const { page, context, complaints } = await world.openDashboard("/?range=1h");
    await placeOf(page, "CPU");
    expect(await page.getByRole("button", { name: "Later" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.waitForURL(/from=/);
    const first = windowIn(page);
    expect(first.toMs - first.fromMs).toBe(1_800_000);
    await page.getByRole("button", { name: "Earlier" }).click();
    await page.waitForURL((url) => Number(url.searchParams.get("from")) === first.fromMs - 900_000);
    await card(page, "CPU").locator(".time-chart").focus();
    await page.keyboard.press("PageDown");
    await page.waitForURL((url) => Number(url.searchParams.get("from")) === first.fromMs);
    await page.keyboard.press("-");
    await page.waitForURL((url) => Number(url.searchParams.get("to")) - Number(url.searchParams.get("from")) > 3e6);
    await card(page, "CPU").locator(".time-chart").focus();
    await page.keyboard.press("Escape");
    await page.waitForURL(/\?range=1h$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("share a cursor, which arrow keys move, and all say what they show there", async () => {
    const { page, context, complaints } = await world.openDashboard("/?range=1h&charts=all");
    await placeOf(page, "CPU");
    const moments = () => page.locator(".charts").first().locator(".chart-at").allTextContents();
    await card(page, "CPU").locator(".time-chart").focus();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(async () => new Set(await moments()).size).toBe(1);
    const [last] = await moments();
    expect(last).toMatch(/\d\d:\d\d:\d\d/);
    await page.keyboard.press("ArrowLeft");
    await expect.poll(async () => (await moments())[3]).not.toBe(last);
    const [before] = await moments();
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await moments())[5]).toBe(last);
    expect(String(before) < String(last) || String(last).includes("00:0")).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("say within a gap that nothing was measured", async () => {
    const { page, context } = await world.openDashboard("/?range=1h");
    const box = await placeOf(page, "CPU");
    // The fixture measures nothing between 42 % and 34 % of the span before its end.
    await page.mouse.move(box.x + box.width * 0.62, box.y + 60);
    await card(page, "CPU").locator(".chart-at").getByText("beacon off").waitFor();
    await card(page, "CPU").locator(".figure").getByText("–").waitFor();
    // It is not drawn over: the line has no ink there, and the hatching has another colour.
    const ink = await card(page, "CPU")
      .locator("canvas")
      .evaluate((canvas: HTMLCanvasElement) => {
        const context = canvas.getContext("2d");
        const { width, height } = canvas;
        const ratio = window.devicePixelRatio;
        const [left, right] = [62 * ratio, width - 6 * ratio];
        const inkAt = (share: number) => {
          const { data } = context?.getImageData(left + (right - left) * share, 0, 1, height - 30 * ratio) ?? {
            data: [],
          };
          let green = 0;
          for (let at = 0; at < data.length; at += 4) {
            const [r = 0, g = 0, b = 0, a = 0] = data.slice(at, at + 4);
            if (a > 200 && g > r + 60 && g > b + 20) green += 1;
          }
          return green;
        };
        return { gap: inkAt(0.62), line: Math.max(inkAt(0.3), inkAt(0.31), inkAt(0.32)) };
      });
    expect(ink.gap).toBe(0);
    expect(ink.line).toBeGreaterThan(0);
    await context.close();
  });

  test("show the same beacon a day before, and another beacon in the console, by a link", async () => {
    const { page, context, complaints } = await world.openConsole(`/beacons/${world.ada.id}`);
    await placeOf(page, "CPU");
    await page.getByLabel("Compare with").selectOption("a day before");
    await card(page, "CPU").getByText("a day before").waitFor();
    await page.waitForURL(/compare=day/);
    await page.getByLabel("Compare with").selectOption("mir");
    await card(page, "CPU").getByText("mir").waitFor();
    expect(await card(page, "Network").locator(".chart-value").count()).toBe(4);
    const { url } = { url: page.url() };
    await page.goto(url);
    await card(page, "CPU").getByText("mir").waitFor();
    expect(await card(page, "CPU").locator(".figure").allTextContents()).toEqual([
      expect.stringMatching(/ %$/),
      expect.stringMatching(/ %$/),
    ]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("show services of apps beside each other, those that the reader picks", async () => {
    const { page, context, complaints } = await world.openDashboard("/");
    const services = page.getByRole("group", { name: "Services" });
    await services.getByRole("button", { name: "caddy" }).click();
    await card(page, "Memory of services").getByText("caddy").waitFor();
    await services.getByRole("button", { name: "postgresql" }).click();
    await page.waitForURL(/services=umami\/umami,vaultwarden\/server,caddy\/caddy$/);
    await page.reload();
    await card(page, "Memory of services").locator(".chart-key").nth(2).waitFor();
    expect(await card(page, "CPU of services").locator(".chart-key").allTextContents()).toEqual([
      "umami",
      "vaultwarden server",
      "caddy",
    ]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("are tables for who wants figures", async () => {
    const { page, context, complaints } = await world.openDashboard("/?range=24h");
    await placeOf(page, "CPU");
    await page.getByRole("button", { name: "As table" }).click();
    const rows = card(page, "CPU").getByRole("row");
    await rows.nth(10).waitFor();
    expect(await rows.nth(0).textContent()).toBe("FromMeanLowest to highest");
    expect(await rows.nth(1).textContent()).toMatch(/[\d.]+ %[\d.]+ % to [\d.]+ %$/);
    expect(await page.locator(".time-chart").count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("say why they show nothing, and are read again when asked", async () => {
    world.ada.metricsProblem = new Problem("unavailable", "the measurements are being moved");
    const { page, context } = await world.openDashboard("/");
    await page.getByRole("alert").getByText("The measurements are being moved.").waitFor();
    world.ada.metricsProblem = undefined;
    await page.getByRole("button", { name: "Try again" }).click();
    await placeOf(page, "CPU");
    await context.close();
  });

  test("fit a narrow phone, where two fingers zoom and one points", async () => {
    const { page, context, complaints } = await world.openDashboard("/?range=1h&charts=all&compare=day", {
      width: 360,
      height: 740,
    });
    await placeOf(page, "Disk traffic");
    expect(await overflowOf(page)).toBe(0);
    const box = await placeOf(page, "CPU");
    const touch = (type: string, ...points: readonly (readonly [id: number, share: number])[]) =>
      card(page, "CPU")
        .locator(".u-over")
        .evaluate(
          (over, { name, all }) => {
            const { left, top, width } = over.getBoundingClientRect();
            for (const [pointerId, share] of all) {
              const clientX = left + width * share;
              over.dispatchEvent(
                new PointerEvent(name, { pointerType: "touch", pointerId, clientX, clientY: top + 9 }),
              );
            }
          },
          { name: type, all: points },
        );
    await touch("pointerdown", [1, 0.2]);
    await touch("pointermove", [1, 0.3]);
    await card(page, "Memory")
      .locator(".chart-at")
      .getByText(/\d\d:\d\d/)
      .waitFor();
    await touch("pointerdown", [2, 0.7]);
    await touch("pointermove", [1, 0.05], [2, 0.85]);
    await touch("pointerup", [1, 0.05]);
    await page.waitForURL(/from=/);
    const { fromMs, toMs } = windowIn(page);
    expect((toMs - fromMs) / 60_000).toBeGreaterThan(30);
    expect((toMs - fromMs) / 60_000).toBeLessThan(45);
    expect(box.width).toBeGreaterThan(200);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
