import { afterAll, beforeAll, expect, test } from "vitest";
import { scrapeConfig } from "#ui/scrape-config.ts";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

test("what Prometheus is to be told names scheme, host and port", () => {
  const config = scrapeConfig({ origin: "https://hub.example:8443", job: "wopr", token: "t" });
  expect(config).toContain("scheme: https\n");
  expect(config).toContain('targets: ["hub.example:8443"]');
  expect(config).toContain("credentials: t\n");
});

describeWithBrowser("the settings", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });
  const openSettings = async () => {
    const opened = await world.openConsole("/");
    await opened.page.getByRole("link", { name: "Settings" }).click();
    await opened.page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    return { ...opened, dialog: opened.page.getByRole("dialog") };
  };

  test("make a scrape token, show it once with the lines for Prometheus, make it anew and remove it", async () => {
    const { page, context, complaints, dialog } = await openSettings();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const panel = page.getByRole("region", { name: "Scrape token" });
    await panel.getByRole("button", { name: "Make a token" }).click();
    await panel.getByText("wopr_scrape_1", { exact: true }).waitFor();
    await panel.getByRole("button", { name: "Copy the token" }).click();
    await page.getByText("The token is on the clipboard.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("wopr_scrape_1");
    await panel.getByRole("button", { name: "Copy the configuration" }).click();
    await page.getByText("The configuration is on the clipboard.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      scrapeConfig({ origin: world.hub.url, job: "wopr", token: "wopr_scrape_1" }),
    );
    await page.reload();
    await panel.getByText("There is a token").waitFor();
    expect(await page.getByText("wopr_scrape_1").count()).toBe(0);
    await panel.getByRole("button", { name: "Make it anew" }).click();
    expect(world.hub.settings.scrapeToken.made).toBe(1);
    await dialog.getByRole("button", { name: "Make it anew" }).click();
    await panel.getByText("wopr_scrape_2", { exact: true }).waitFor();
    await panel.getByRole("button", { name: "Remove it" }).click();
    await dialog.getByRole("button", { name: "Remove it" }).click();
    await panel.getByText("There is no token.").waitFor();
    expect(await page.getByText("wopr_scrape_2").count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("turn remote write on and off, and keep a secret that is not typed again", async () => {
    const { settings } = world.hub;
    const { page, context, complaints, dialog } = await openSettings();
    const panel = page.getByRole("region", { name: "Remote write" });
    await panel.getByRole("button", { name: "Write to a store" }).click();
    await panel.getByLabel("URL").fill("https://store.example/api/v1/write");
    await panel.getByLabel("Sign-in").selectOption({ label: "Name and password" });
    await panel.getByLabel("Name", { exact: true }).fill("wopr");
    await panel.getByRole("button", { name: "Save" }).click();
    // Without a password the browser does not send the form.
    expect(settings.targets).toEqual([]);
    await panel.getByLabel("Password").fill("hunter2");
    await panel.getByRole("button", { name: "Save" }).click();
    await panel.getByText("Nothing written yet").waitFor();
    const basic = { url: "https://store.example/api/v1/write", authorization: "basic", username: "wopr" };
    expect(settings.targets).toEqual([{ ...basic, secret: "hunter2" }]);
    await panel.getByRole("button", { name: "Change" }).click();
    expect(await panel.getByLabel("Password").inputValue()).toBe("");
    await panel.getByLabel("URL").fill("https://other.example/write");
    await panel.getByRole("button", { name: "Save" }).click();
    await panel.getByText("https://other.example/write").waitFor();
    expect(settings.targets.at(-1)).toEqual({ ...basic, url: "https://other.example/write" });
    const refusal = { code: "invalid_input", message: "the store refused: out of order sample" } as const;
    settings.remoteWrite = { ...settings.remoteWrite, waiting: 7, sent: 12345, dropped: 3, refusal };
    await panel.getByRole("button", { name: "Look again" }).click();
    await panel.getByText("12,345").waitFor();
    await panel.getByText("Why the store refused the last ones").click();
    await panel.getByText("the store refused: out of order sample").waitFor();
    await panel.getByRole("button", { name: "Turn it off" }).click();
    expect(settings.remoteWrite.target).toBeDefined();
    await dialog.getByRole("button", { name: "Turn it off" }).click();
    await panel.getByRole("button", { name: "Write to a store" }).waitFor();
    expect(settings.remoteWrite.target).toBeUndefined();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("show which keys count, and say what happens before another one is used", async () => {
    const { page, context, dialog } = await openSettings();
    const cases = [
      { title: "Command key", use: "hub", words: "30 more days" },
      { title: "Token key", use: "jwt", words: "one more day" },
    ];
    for (const { title, use, words } of cases) {
      const panel = page.getByRole("region", { name: title });
      await panel.getByText(`${use}_1 signs since the hub began.`).waitFor();
      await panel.getByRole("button", { name: "Use a new key" }).click();
      await dialog.getByText(words).waitFor();
      await dialog.getByRole("button", { name: "Keep this one" }).click();
      await dialog.waitFor({ state: "hidden" });
      await panel.getByRole("button", { name: "Use a new key" }).click();
      await dialog.getByRole("button", { name: "Use a new key" }).click();
      await panel.getByText(`${use}_2 signs since`).waitFor();
      await panel.getByText(`${use}_1 still counts until`).waitFor();
      expect(await panel.getByText(`${use}_3`).count()).toBe(0);
    }
    await context.close();
  });

  test("end somebody's sessions, and remove only whom the operator names", async () => {
    const { settings } = world.hub;
    const { page, context, dialog } = await openSettings();
    const people = page.getByRole("region", { name: "People" });
    const grace = people.getByRole("listitem").filter({ hasText: "grace@example.org" });
    await grace.getByText("owner · mir · voyager").waitFor();
    await grace.getByRole("button", { name: "End all sessions" }).click();
    await dialog.getByRole("button", { name: "End all sessions" }).click();
    await page.getByText("grace@example.org is signed out everywhere.").waitFor();
    expect(settings.ended).toEqual(["grace@example.org"]);
    const ada = people.getByRole("listitem").filter({ hasText: "ada@example.org" });
    expect(await ada.getByRole("button", { name: "Remove" }).count()).toBe(0);
    await grace.getByRole("button", { name: "Remove" }).click();
    const button = dialog.getByRole("button", { name: "Remove" });
    await dialog.getByLabel("Type grace@example.org to confirm").fill("grace@example.or");
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel("Type grace@example.org to confirm").fill("grace@example.org");
    await button.click();
    await grace.waitFor({ state: "detached" });
    expect(settings.people.map(({ email }) => email)).toEqual(["ada@example.org"]);
    await context.close();
  });

  test("on a beacon are its scrape token, for its owner alone", async () => {
    const { page, context, complaints } = await world.openDashboard("/");
    const panel = page.getByRole("region", { name: "Scrape token" });
    await panel.getByRole("button", { name: "Make a token" }).click();
    await panel.getByText("wopr_scrape_1", { exact: true }).waitFor();
    await panel.getByText("job_name: ada").waitFor();
    await panel.getByRole("button", { name: "I have it" }).click();
    expect(await page.getByText("wopr_scrape_1").count()).toBe(0);
    await panel.getByRole("button", { name: "Remove it" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
    await panel.getByText("There is no token.").waitFor();
    world.agent.role = "member";
    await page.reload();
    await page.getByRole("region", { name: "CPU", exact: true }).waitFor();
    expect(await panel.count()).toBe(0);
    world.agent.role = "owner";
    expect(complaints).toEqual([]);
    await context.close();
  });
});
