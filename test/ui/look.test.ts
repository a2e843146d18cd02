import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureWebBuilt } from "#scripts/build-web.ts";
import { describeWithBrowser } from "./browser.ts";
import { fixtureEvent } from "./fixture-alerting.ts";
import { fillProviders } from "./fixture-providers.ts";
import { fillSales } from "./fixture-sales.ts";
import { type FixtureWorld, overflowOf, startFixtureWorld } from "./fixture-world.ts";

const MAX_SCRIPT_BYTES = 64 * 1024;

test("each site loads at most 64 kB of script at first, compressed", async () => {
  const web = await ensureWebBuilt({ log: () => undefined });
  for (const site of [web.console, web.dashboard]) {
    const page = readFileSync(join(site, "index.html"), "utf8");
    const scripts = [...page.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, path = ""]) => path);
    expect(scripts.length).toBeGreaterThan(0);
    const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(join(site, file))).length, 0);
    expect(bytes).toBeLessThan(MAX_SCRIPT_BYTES);
  }
});

test("what is built is not built again", async () => {
  await ensureWebBuilt({ log: () => undefined });
  const lines: string[] = [];
  await ensureWebBuilt({ log: (line) => lines.push(line) });
  expect(lines).toEqual([]);
});

const consolePaths = [
  "/",
  "/beacons/new",
  "/jobs",
  "/jobs/job_fixture-0001",
  "/sales",
  "/sales/findings",
  "/billing",
  "/providers",
  "/alerts",
  "/alerts/channels",
  "/alerts/rules",
  "/audit",
  "/settings",
  "/beacons/bcn_00000001",
  "/beacons/bcn_00000001/apps",
  "/beacons/bcn_00000001/alerts",
  "/beacons/bcn_00000001/commands",
];
const dashboardPaths = ["/", "/apps", "/alerts", "/activity"];

describeWithBrowser("the look", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
    world.hub.jobs.order({ email: "a-rather-long-address@example.org", beacon: "a-name-of-some-length", modules: [] });
    const long = fixtureEvent({
      title: "The disk at /var/lib/a-very-long-name-of-a-mount-point-without-any-space is 97 % full",
    });
    world.ada.setAlerts({ firing: [long], history: [long, fixtureEvent({ kind: "resolved" })] });
    const quietHours = { from: "22:00", to: "07:00", timeZone: "America/Argentina/Buenos_Aires" };
    const options = { severities: "all", fromBeacons: true, quietHours } as const;
    world.hub.alerting.put({ name: "Operations", kind: "email", settings: { to: "ops@example.org" }, ...options });
    fillProviders(world.hub.providers);
    fillSales(world.hub.sales);
    world.ada.submit({ name: "module.stop", input: { instance: "umami" } }, "a-rather-long-address@example.org");
  });
  afterAll(async () => {
    await world.stop();
  });

  test("has nothing wider than a narrow phone, on any page", async () => {
    const look = { width: 360, height: 740 };
    for (const [paths, open] of [
      [consolePaths, world.openConsole],
      [dashboardPaths, world.openDashboard],
    ] as const) {
      for (const path of paths) {
        const { page, context, complaints } = await open(path, look);
        await page.locator("h1").first().waitFor();
        await page.locator(".skeleton").first().waitFor({ state: "detached" });
        expect([path, await overflowOf(page)]).toEqual([path, 0]);
        expect(complaints).toEqual([]);
        await context.close();
      }
    }
  });

  test("has dialogs that fit a narrow phone", async () => {
    const { page, context } = await world.openDashboard("/apps", { width: 360, height: 640 });
    await page.getByRole("button", { name: "Install app" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /Vaultwarden/ })
      .click();
    const box = await page.getByRole("dialog").boundingBox();
    expect(box).toMatchObject({ x: 0, width: 360 });
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(640);
    await context.close();
  });

  test("follows the system between light and dark until the reader chooses, and keeps the choice", async () => {
    const { page, context } = await world.openDashboard("/", { scheme: "dark" });
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const dark = await background();
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Use the dark theme" }).waitFor();
    await expect.poll(background).not.toBe(dark);
    await page.getByRole("button", { name: "Use the dark theme" }).click();
    await page.getByRole("button", { name: "Use the light theme" }).waitFor();
    await expect.poll(background).toBe(dark);
    await page.reload();
    await page.getByRole("button", { name: "Use the light theme" }).waitFor();
    await expect.poll(background).toBe(dark);
    await context.close();
  });

  test("has charts of every range, which break where nothing was measured", async () => {
    const { page, context, complaints } = await world.openDashboard("/");
    for (const range of ["1 h", "6 h", "24 h", "7 d", "30 d", "Live"]) {
      await page.getByRole("button", { name: range, exact: true }).click();
      await page.locator(".time-chart canvas").nth(3).waitFor();
      expect(await page.getByRole("region", { name: "CPU", exact: true }).locator(".figure").textContent()).toMatch(
        /^[\d.]+ %$/,
      );
    }
    expect(await page.getByRole("region", { name: "Memory", exact: true }).textContent()).toContain("of 7.8 GB");
    await page.getByRole("button", { name: "15 min" }).click();
    const canvas = page.locator(".time-chart").first();
    await canvas.locator("canvas").waitFor();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error("the chart has no place");
    // The fixture measures nothing between 42 % and 34 % of the span before its end.
    await page.mouse.move(box.x + 62 + (box.width - 68) * 0.62, box.y + 60);
    const figure = page.getByRole("region", { name: "CPU", exact: true }).locator(".figure");
    await figure.getByText("–").waitFor();
    await page.mouse.move(box.x + box.width - 12, box.y + 60);
    await figure.getByText("%").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("tells who is not signed in to a beacon where to go", async () => {
    world.agent.signedIn = false;
    const { page, context } = await world.openDashboard("/");
    const link = page.getByRole("link", { name: "Sign in at the hub" });
    await link.waitFor();
    expect(await link.getAttribute("href")).toBe("https://hub.example");
    world.agent.signedIn = true;
    await context.close();
  });

  test("says when the beacon is away, and when it is back", async () => {
    world.ada.setAlerts({ firing: [], history: [] });
    const { page, context } = await world.openDashboard("/");
    await page.getByText("ada.beacons.example").first().waitFor();
    await page.waitForFunction(() => document.querySelector(".time-chart canvas") !== null);
    world.agent.cut();
    await page.getByText("The link to your beacon is lost.").waitFor();
    world.ada.setState("umami", "degraded");
    world.agent.resume();
    await page.getByRole("heading", { name: "Umami needs attention." }).waitFor();
    world.ada.setState("umami", "running");
    await page.getByRole("heading", { name: "Everything is running well." }).waitFor();
    await context.close();
  });
});
