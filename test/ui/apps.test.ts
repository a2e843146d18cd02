import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Problem } from "#shared/problem.ts";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

/** Opens the menu of an app, and takes something out of it. */
async function pick(page: Page, app: string, item: string): Promise<void> {
  await page.getByRole("button", { name: `More of ${app}` }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

describeWithBrowser("the apps of a beacon", () => {
  let world: FixtureWorld;
  beforeEach(async () => {
    world = await startFixtureWorld();
  });
  afterEach(async () => {
    await world.stop();
  });

  test("are installed after the plan was seen, with progress until they can be opened", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Install app" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Search apps").fill("onepassword");
    await dialog.getByText("No app matches").waitFor();
    await dialog.getByLabel("Search apps").fill("1password");
    await dialog.getByRole("button", { name: /Vaultwarden/ }).click();

    expect(await dialog.getByLabel("Name").inputValue()).toBe("vaultwarden-2");
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByText("This is needed.").waitFor();
    await dialog.getByLabel("Name").fill("vaultwarden");
    await dialog.getByText("There is an app of this name already.").waitFor();
    await dialog.getByLabel("Name").fill("passwords");
    await dialog.getByLabel("Administrator’s e-mail").fill("ada@example.org");
    await dialog.getByRole("button", { name: "Show the plan" }).click();

    await dialog.getByText("This takes 9 steps. Nothing has been changed yet.").waitFor();
    expect(await dialog.locator(".plan li").last().textContent()).toBe("Record passwords as running");
    expect(world.ada.commands).toEqual([]);

    world.ada.paused = true;
    await dialog.getByRole("button", { name: "Install", exact: true }).click();
    await dialog.getByRole("progressbar").waitFor();
    await dialog.locator('[aria-current="step"]').getByText("Pull image").waitFor();
    await dialog.getByText("1 of 7 layers, 30 MB").waitFor();
    world.ada.paused = false;
    await dialog.getByText("Installed passwords").waitFor();
    const open = dialog.getByRole("link", { name: "Open Vaultwarden" });
    expect(await open.getAttribute("href")).toBe("https://passwords.ada.beacons.example");
    expect(world.ada.commands[0]?.input).toEqual({
      module: "vaultwarden",
      instance: "passwords",
      parameters: { admin_email: "ada@example.org", signups_allowed: false, log_level: "warn", upload_mb: 100 },
    });
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByText("passwords.ada.beacons.example").waitFor();
    expect(complaints).toEqual([]);
  });

  test("say why they cannot be installed before anything is changed", async () => {
    const { page } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Install app" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /Jellyfin/ })
      .click();
    await page.getByRole("button", { name: "Show the plan" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("Jellyfin needs 1536 MB, and 870 MB are free.").waitFor();
    expect(await alert.textContent()).toContain("Stop or remove an app");
    expect(world.ada.commands).toEqual([]);
  });

  test("show the log lines of a failed install, and let the settings be changed", async () => {
    world.ada.failNext = new Problem("container_unhealthy", "umami-server did not get healthy in 60 s", {
      hint: "Read its log.",
      details: { log: ["listening on 3000", "database is locked"] },
    });
    const { page } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Install app" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /Node-RED/ }).click();
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByRole("button", { name: "Install", exact: true }).click();
    const alert = dialog.getByRole("alert");
    await alert.waitFor();
    expect(await alert.locator("pre").textContent()).toBe("listening on 3000\ndatabase is locked");
    expect(await dialog.locator('.plan li[data-mark="failed"]').textContent()).toContain("healthy");
    await dialog.getByRole("button", { name: "Change settings" }).click();
    await dialog.getByLabel("Name").waitFor();
  });

  test("are installed by the keyboard alone", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    const install = page.getByRole("button", { name: "Install app" });
    await install.waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    const tabTo = async (text: string) => {
      for (let presses = 0; presses < 40; presses++) {
        if ((await focused()).startsWith(text)) return;
        await page.keyboard.press("Tab");
      }
      throw new Error(`Tab never comes to ${text}`);
    };
    await tabTo("Install app");
    await page.keyboard.press("Enter");
    await page.locator(".catalogue-item").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("zapier");
    await page.locator(".catalogue-item", { hasText: "Vaultwarden" }).waitFor({ state: "detached" });
    await tabTo("NR");
    await page.keyboard.press("Enter");
    await page.getByText("Show the plan").waitFor();
    await tabTo("Show the plan");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing has been changed yet").waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === "H2");
    const behind = () =>
      page.evaluate(
        () => document.activeElement !== document.body && document.activeElement?.closest("dialog") === null,
      );
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press("Tab");
      // From the last control the focus leaves for the browser itself, never for the page behind.
      expect(await behind()).toBe(false);
    }
    await tabTo("Install");
    await page.keyboard.press("Enter");
    await page.getByText("Installed node-red").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Install app");
    expect(complaints).toEqual([]);
  });

  test("go on installing when the dialog is closed, and say so when they are done", async () => {
    world.ada.paused = true;
    const { page } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Install app" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /Node-RED/ })
      .click();
    await page.getByRole("button", { name: "Show the plan" }).click();
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByText("You can close this").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".instance-arriving").getByText("Installing node-red").waitFor();
    world.ada.paused = false;
    await page.locator(".toast").getByText("Installed node-red").waitFor();
    await page.getByText("node-red.ada.beacons.example").waitFor();
  });

  test("are removed with their data only after their name was typed", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    await pick(page, "Umami", "Remove");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Delete the data as well").click();
    const remove = dialog.getByRole("button", { name: "Remove the app and its data" });
    await dialog.getByText("What will be done").click();
    await dialog.getByText("Delete volume umami/data and the data in it").waitFor();
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByLabel("Type umami to confirm").fill("uma");
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByLabel("Type umami to confirm").fill("umami");
    await remove.click();
    await dialog.getByText("Removed umami").waitFor();
    expect(world.ada.commands[0]?.input).toEqual({ instance: "umami", data: "delete", confirm: "umami" });
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByText("umami.ada.beacons.example").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });

  test("keep their data unless somebody says otherwise", async () => {
    const { page } = await world.openDashboard("/apps");
    await pick(page, "Umami", "Remove");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(world.ada.commands).toEqual([]);
    await pick(page, "Umami", "Remove");
    await page.getByRole("button", { name: "Remove the app", exact: true }).click();
    await page.getByText("Removed umami").waitFor();
    expect(world.ada.commands[0]?.input).toEqual({ instance: "umami", data: "keep" });
  });

  test("are stopped and started, and the page follows", async () => {
    const { page } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Stop Umami" }).click();
    await page.locator(".toast").getByText("Stopped umami").waitFor();
    await page.getByRole("button", { name: "Start Umami" }).click();
    await page.locator(".toast").getByText("Started umami").waitFor();
    await page.getByRole("button", { name: "Stop Umami" }).waitFor();
  });

  test("are restarted", async () => {
    const { page } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Restart Umami" }).click();
    await page.locator(".toast").getByText("Restarted umami").waitFor();
    expect(world.ada.commands[0]).toMatchObject({ name: "module.restart", input: { instance: "umami" } });
  });

  test("are given other settings after the plan was seen", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    await pick(page, "Vaultwarden", "Settings");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Largest attachment in MB").fill("5000");
    await dialog.getByLabel("Administrator’s e-mail").fill("ada@example.org");
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByText("At most 1024.").waitFor();
    expect(world.ada.commands).toEqual([]);
    await dialog.getByLabel("Largest attachment in MB").fill("50");
    await dialog.getByRole("button", { name: "Show the plan" }).click();
    await dialog.getByText("This takes 3 steps. Nothing has been changed yet.").waitFor();
    await dialog.getByRole("button", { name: "Change settings" }).click();
    await dialog.getByText("Changed settings of vaultwarden").waitFor();
    expect(world.ada.commands[0]?.input).toEqual({
      instance: "vaultwarden",
      parameters: { admin_email: "ada@example.org", signups_allowed: false, log_level: "warn", upload_mb: 50 },
    });
    expect(complaints).toEqual([]);
  });

  test("are updated to the version that was shown, after the plan was seen", async () => {
    const [umami] = world.ada.instances.filter(({ name }) => name === "umami");
    if (umami === undefined) throw new Error("there is no umami");
    Object.assign(umami, { availableVersion: "1.1.0" });
    const { page, complaints } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Update to 1.1.0" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Installed is 1.0.0, available is 1.1.0.").waitFor();
    await dialog.getByText("umami goes from version 1.0.0 to 1.1.0.").waitFor();
    await dialog.getByText("image server:1.32.0 → server:1.33.0").waitFor();
    expect(world.ada.commands).toEqual([]);
    await dialog.getByRole("button", { name: "Update", exact: true }).click();
    await dialog.getByText("Updated umami").waitFor();
    expect(world.ada.commands[0]?.input).toEqual({ instance: "umami", version: "1.1.0" });
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Update to 1.1.0" }).waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });

  test("leave a history of what was done, that tells who brought it where it is", async () => {
    const { page, complaints } = await world.openDashboard("/activity");
    world.ada.submit({ name: "module.stop", input: { instance: "umami" } }, "ada@example.org");
    await page.getByText("Stopped umami").click();
    const history = page.getByRole("list", { name: "History" });
    await history.getByText("agent").first().waitFor();
    expect(await history.getByRole("listitem").allInnerTexts()).toHaveLength(3);
    expect(complaints).toEqual([]);
  });

  test("are given new passwords out of their menu, which says what stays", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    await pick(page, "Vaultwarden", "New passwords");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("sealing_key stays").waitFor();
    await dialog.getByRole("button", { name: "Make new passwords" }).click();
    await dialog.getByText("Made new passwords for vaultwarden").waitFor();
    expect(world.ada.commands[0]).toMatchObject({ name: "module.rotate-secrets", input: { instance: "vaultwarden" } });
    expect(complaints).toEqual([]);
  });

  test("show what they use, and each of their services", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    const line = page.getByRole("button", { name: "What Vaultwarden uses" });
    await line.getByText("2.3 % · 118 MB").waitFor();
    await line.click();
    const row = page.getByRole("dialog").getByRole("row", { name: /^server/ });
    await row.waitFor();
    expect(await row.locator("td").allTextContents()).toEqual([
      ...["2.3 %", "118 MB", "256 MB", "2.00 KB/s", "30.0 KB/s", "0 B/s", "4.00 KB/s"],
    ]);
    expect(complaints).toEqual([]);
  });

  test("have a menu for the keyboard", async () => {
    const { page } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "More of Umami" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Settings" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("ArrowUp");
    await page.getByRole("menuitem", { name: "Remove" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "More of Umami" }).and(page.locator(":focus")).waitFor();
  });

  test("write their log live; it is filtered, and not followed while the reader looks back", async () => {
    const { page, complaints } = await world.openDashboard("/apps");
    await page.getByRole("button", { name: "Log of Vaultwarden" }).click();
    const log = page.getByRole("log");
    await log.getByText("[INFO] GET /api/sync 200 62 ms").waitFor();
    const write = (text: string) => world.ada.logs.send({ service: "server", stream: "stderr", text });
    write("\u001b[31mfirst\u001b[0m alarm");
    await log.getByText("first alarm", { exact: true }).waitFor();
    const distance = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    expect(await distance()).toBeLessThan(2);

    await log.evaluate((box) => box.scrollTo(0, 0));
    await page.waitForFunction(
      () => !document.querySelector<HTMLInputElement>(".log-tools input[type=checkbox]")?.checked,
    );
    write("second alarm");
    await log.getByText("second alarm").waitFor();
    expect(await log.evaluate((box) => box.scrollTop)).toBe(0);
    await page.getByLabel("Follow").check();
    expect(await distance()).toBeLessThan(2);

    await page.getByLabel("Filter lines").fill("ALARM");
    await log.getByText("GET /api/sync").first().waitFor({ state: "detached" });
    expect(await log.locator(".log-line").count()).toBe(2);
    await page.getByLabel("Filter lines").fill("slow query");
    await page.getByRole("button", { name: "Search older lines" }).click();
    await log.getByText("slow query took 559 ms").waitFor();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download these lines" }).click();
    expect((await downloading).suggestedFilename()).toBe("vaultwarden.log");
    await page.getByLabel("Written since").selectOption("Last hour");
    await log.getByText("slow query took 559 ms").waitFor();

    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => world.ada.logs.listeners).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("have a history that says what failed, and what goes on can be cancelled", async () => {
    world.ada.paused = true;
    const { page } = await world.openDashboard("/activity");
    await page.getByText("Nothing has happened yet").waitFor();
    world.ada.submit({ name: "module.stop", input: { instance: "umami" } }, "operator@example.org");
    await page.locator("summary").getByText("Stopping umami").click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator("summary").getByText("Cancelled").waitFor();
    world.ada.paused = false;
  });
});
