// @module-tag docker
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { describeWithBrowser, launchBrowser } from "../ui/browser.ts";
import { root, type WholeWay, walkTheWholeWay } from "./whole-way.ts";

/** What the browser saw, for people to look at. */
const shots = join(root, ".wopr/screenshots");

describeWithBrowser("both dashboards, on a real beacon", () => {
  let way: WholeWay;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    way = await walkTheWholeWay();
    browser = await launchBrowser();
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      // The beacon signs for itself here; whether its certificates hold is what `demo --check` looks at.
      ignoreHTTPSErrors: true,
      locale: "en-GB",
    });
    context.on("weberror", (error) => complaints.push(error.error().message));
    page = await context.newPage();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await way?.remove();
  });

  beforeEach(() => {
    onTestFailed(async () => {
      for (const [index, open] of page.context().pages().entries()) {
        await open.screenshot({ path: join(shots, `failed-${index}.png`) });
      }
    });
  });

  /**
   * Opens it as a person would, again when Chromium gave up: it does so whenever Docker gives this machine a network interface
   * while a page is loading (`ERR_NETWORK_CHANGED`). The window is there, and blank, before it is told where to go.
   */
  async function openDashboard(): Promise<Page> {
    const opened = page.context().waitForEvent("page");
    await page.getByRole("button", { name: "Open dashboard" }).click();
    const dashboard = await opened;
    await dashboard.waitForURL(({ protocol }) => protocol !== "about:").catch(unlessNetworkChanged);
    if (dashboard.url().startsWith("https:")) return dashboard;
    await dashboard.close();
    return openDashboard();
  }

  /** Takes the dialog from the open catalogue to the end of the install. */
  async function install(on: Page, app: RegExp, name: string) {
    const dialog = on.getByRole("dialog");
    await dialog.getByRole("button", { name: app }).click();
    await dialog.getByLabel("Name", { exact: true }).fill(name);
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByText("Nothing has been changed yet").waitFor();
    await on.screenshot({ path: join(shots, `plan-${name}.png`) });
    await dialog.getByRole("button", { name: "Install", exact: true }).click();
    await dialog.getByRole("progressbar").waitFor();
    await on.screenshot({ path: join(shots, `progress-${name}.png`) });
    await dialog.getByText(`Installed ${name}`).waitFor({ timeout: 60_000 });
    await dialog.getByRole("button", { name: "Done" }).click();
  }

  test("the operator signs in, sees the fleet, the job and the beacon, and installs an app", async () => {
    const { operator } = way.place;
    await page.goto(way.hub.url);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("E-mail").fill(operator.email);
    await page.getByLabel("Password").fill(operator.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: /ada/ }).first().waitFor();
    await page.screenshot({ path: join(shots, "fleet.png") });

    await page.goto(`${way.hub.url}/jobs`);
    await page.getByRole("link", { name: /ada/ }).first().click();
    await page.getByText("ada is up.").waitFor();
    await page.screenshot({ path: join(shots, "job.png"), fullPage: true });

    await page.getByRole("link", { name: "To the beacon" }).click();
    await page.getByText("Everything is running well.").waitFor();
    await page.locator(".uplot canvas").first().waitFor();
    await page.screenshot({ path: join(shots, "beacon.png"), fullPage: true });

    await page.getByRole("link", { name: /^Apps/ }).click();
    await page.getByRole("button", { name: "Install app" }).click();
    await install(page, /Vaultwarden/, "passwords");
    await page.getByText(/passwords\.ada\.localhost/).waitFor();
  });

  test("the beacon's own dashboard opens from the console, signed in, and removes an app for good", async () => {
    const dashboard = await openDashboard();
    await dashboard.getByText("Everything is running well.").waitFor();
    expect(new URL(dashboard.url()).hostname).toBe("ada.localhost");
    expect(dashboard.url()).not.toContain("token");
    await dashboard.screenshot({ path: join(shots, "dashboard.png"), fullPage: true });

    const tile = dashboard.getByRole("link", { name: /Umami/ });
    const app = page.context().waitForEvent("page");
    await tile.first().click();
    expect(await (await app).locator("body").textContent()).toContain("stand-in for Umami");

    await dashboard.getByRole("link", { name: "Apps", exact: true }).click();
    const row = dashboard.locator("li.instance", { hasText: "passwords.ada.localhost" });
    await row.getByRole("button", { name: "Log of Vaultwarden" }).click();
    const logs = dashboard.getByRole("dialog");
    await logs.getByText("Rocket has launched").first().waitFor();
    await dashboard.screenshot({ path: join(shots, "logs.png") });
    await dashboard.keyboard.press("Escape");

    await row.getByRole("button", { name: "More of Vaultwarden" }).click();
    await row.getByRole("menuitem", { name: "Remove" }).click();
    const dialog = dashboard.getByRole("dialog");
    await dialog.getByLabel("Delete the data as well").check();
    await dialog.getByRole("textbox").fill("passwords");
    await dialog.getByRole("button", { name: "Remove the app and its data" }).click();
    await dialog.getByRole("button", { name: "Done" }).click({ timeout: 60_000 });
    await row.waitFor({ state: "detached" });
  });

  test("nothing broke in the browser on the way", () => {
    expect(complaints).toEqual([]);
  });
});

function unlessNetworkChanged(error: unknown): void {
  if (!String(error).includes("ERR_NETWORK_CHANGED")) throw error;
}
