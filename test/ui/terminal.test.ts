import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

describeWithBrowser("a terminal in a container", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });

  test.each(["dashboard", "console"] as const)(
    "is opened from the %s, typed into, and ends with the shell",
    async (site) => {
      const loaded: string[] = [];
      const { page, complaints } =
        site === "dashboard"
          ? await world.openDashboard("/apps")
          : await world.openConsole("/beacons/bcn_00000001/apps");
      await page.getByRole("button", { name: "Terminal in Vaultwarden" }).waitFor();
      page.on("request", (request) => loaded.push(request.url()));
      await page.getByRole("button", { name: "Terminal in Vaultwarden" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("Open", { exact: true }).waitFor();
      // It comes with the first terminal, not with the page.
      expect(loaded.some((url) => url.includes("xterm-view"))).toBe(true);
      const rows = dialog.locator(".xterm-rows");
      await rows.getByText(/vaultwarden \d+x\d+/).waitFor();
      const [columns = 0] =
        /(\d+)x/
          .exec((await rows.textContent()) ?? "")
          ?.slice(1)
          .map(Number) ?? [];
      expect(columns).toBeGreaterThan(60);
      // Colours outside of the palette are styles of one cell: the content policy lets them be.
      const colour = await rows.getByText(/^\d+x\d+$/).evaluate((cell) => getComputedStyle(cell).color);
      expect(colour).toBe("rgb(200, 80, 10)");

      await page.keyboard.type("echo grüße");
      await rows.getByText("$ echo grüße").waitFor();
      // Keys that mean something to the page belong to the terminal while it has the focus.
      await page.keyboard.press("Escape");
      await page.mouse.click(5, 5);
      expect(await dialog.isVisible()).toBe(true);
      await dialog.locator(".xterm").click();
      await page.keyboard.type("\nexit 3\n");
      await dialog.getByText("Ended with 3").waitFor();
      await dialog.getByRole("button", { name: "Open again" }).click();
      await dialog.getByText("Open", { exact: true }).waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await dialog.waitFor({ state: "detached" });
      expect(complaints).toEqual([]);
    },
  );
});
