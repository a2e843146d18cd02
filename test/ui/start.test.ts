import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

describeWithBrowser("a network that comes or goes while a page starts", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });

  /** A page of which so many requests for such files get no answer. */
  const open = async (files: RegExp, losses: number) => {
    const opened = await world.open();
    const asked = { lost: 0, documents: 0 };
    await opened.context.route(files, async (route) => {
      if (asked.lost >= losses) return route.continue();
      asked.lost++;
      return route.abort("failed");
    });
    opened.page.on("request", (request) => {
      if (request.resourceType() === "document") asked.documents++;
    });
    await opened.context.addCookies([{ name: "fixture", value: "in", url: world.hub.url }]);
    return { ...opened, asked };
  };

  const tried = (page: Page) => page.evaluate(() => sessionStorage.getItem("wopr-start-tried"));

  test.each([
    ["the page's own script", /assets\/index-.*\.js/],
    ["a script that it imports", /assets\/console-.*\.js/],
  ])("loses %s: it is loaded anew, and the next loss is a first one again", async (_, files) => {
    const { page, context, asked } = await open(files, 2);
    await page.goto(world.hub.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("load");
    expect(asked.lost).toBe(2);
    expect(asked.documents).toBeGreaterThan(1);
    await expect.poll(() => tried(page)).toBeNull();
    await context.close();
  });

  test("loses it again and again: the reader is told, and the page is not loaded for ever", async () => {
    const { page, context, asked } = await open(/assets\/console-.*\.js/, Number.POSITIVE_INFINITY);
    await page.goto(world.hub.url);
    await page.getByText("could not be loaded").waitFor();
    expect(asked.documents).toBe(4);
    await context.close();
  });

  test("loses the styles: they are asked for again, and the page stays", async () => {
    const { page, context, asked } = await open(/\.css$/, 2);
    await page.goto(world.hub.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).fontFamily)).toContain("Inter");
    expect(asked).toEqual({ lost: 2, documents: 1 });
    await context.close();
  });

  test("loses the script and the styles of what is looked at later: both come, and the page stays", async () => {
    const { page, context, asked } = await open(/assets\/settings-.*\.(js|css)$/, 2);
    await page.goto(world.hub.url);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    const styled = () =>
      page.evaluate(() =>
        [...document.styleSheets].some(({ href, cssRules }) => href?.includes("settings-") && cssRules.length > 0),
      );
    await expect.poll(styled).toBe(true);
    expect(asked).toEqual({ lost: 2, documents: 1 });
    await context.close();
  });
});
