import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithBrowser } from "./browser.ts";
import { fixtureEvent } from "./fixture-alerting.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

const full = () =>
  fixtureEvent({ rule: "disk-full", severity: "critical", title: "The disk at / is 97 % full: apps may stop working" });

describeWithBrowser("alerts", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(() => world.stop());

  test("show on the beacon's own dashboard as they come and go, and stay in its history", async () => {
    const { page, context, complaints } = await world.openDashboard("/");
    await page.getByRole("heading", { name: "Everything is running well." }).waitFor();
    expect(await page.getByRole("region", { name: "What is wrong now" }).count()).toBe(0);
    world.ada.setAlerts({ firing: [full()], history: [full()] });
    const now = page.getByRole("region", { name: "What is wrong now" });
    await now.getByText("The disk at / is 97 % full").waitFor();
    await now.getByText("26 min ago").waitFor();
    await page.getByRole("heading", { name: "One thing needs attention." }).waitFor();
    const over = fixtureEvent({ rule: "disk-full", kind: "resolved", title: "The disk at / is 40 % full" });
    world.ada.setAlerts({ firing: [], history: [over, full()] });
    await page.getByRole("heading", { name: "Everything is running well." }).waitFor();
    await page.getByRole("link", { name: "Alerts" }).click();
    await page.getByText("Nothing is wrong.").waitFor();
    expect(await page.getByRole("region", { name: "History" }).locator("li").allTextContents()).toEqual([
      expect.stringMatching(/^OverThe disk at \/ is 40 % full.*after 20 min$/),
      expect.stringMatching(/^CriticalThe disk at \/ is 97 % full/),
    ]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("of the whole fleet lead to their beacons", async () => {
    world.ada.setAlerts({ firing: [full(), fixtureEvent()], history: [full(), fixtureEvent()] });
    const { page, context, complaints } = await world.openConsole("/alerts");
    await page.locator(".alert-row").nth(1).waitFor();
    await page.locator(".alert-row", { hasText: "97 %" }).getByRole("link", { name: "ada" }).click();
    await page.getByRole("region", { name: "History" }).getByText("Critical").waitFor();
    expect(new URL(page.url()).pathname).toBe("/beacons/bcn_00000001/alerts");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("are silenced with a reason that others see, on either dashboard", async () => {
    world.ada.setAlerts({ firing: [full()], history: [full()] });
    for (const open of [() => world.openDashboard("/alerts"), () => world.openConsole("/alerts")]) {
      const { page, context, complaints } = await open();
      await page.getByRole("button", { name: "Silence" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("For").selectOption("a day");
      await dialog.getByLabel("Why").fill("a new disk comes tomorrow");
      await dialog.getByRole("button", { name: "Silence", exact: true }).click();
      await page.getByText(/Silenced until .* by .*: a new disk comes tomorrow/).waitFor();
      await page.getByRole("button", { name: "Change" }).click();
      await dialog.getByRole("button", { name: "End the silence" }).click();
      await page.getByText(/Silenced until/).waitFor({ state: "detached" });
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  test("of the whole fleet have a history", async () => {
    const over = fixtureEvent({ rule: "disk-full", kind: "resolved", title: "The disk at / is 40 % full" });
    world.ada.setAlerts({ firing: [], history: [over, full()] });
    const { page, context, complaints } = await world.openConsole("/alerts/history");
    await page.locator(".alert-row").nth(1).waitFor();
    expect(await page.locator(".alert-row").first().textContent()).toMatch(/^OveradaThe disk at \/ is 40 % full/);
    expect(await page.getByRole("button", { name: "Silence" }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("are mailed to the owner as far as the owner wants", async () => {
    const { page, context, complaints } = await world.openConsole(`/beacons/${world.ada.id}/alerts`);
    await page.getByLabel("Mail the owner").selectOption("nothing");
    await page.getByText("It is changed.").waitFor();
    expect(world.hub.alerting.notices).toEqual({ ownerMail: "none" });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("go over channels, which are added, tried, changed without their secret, and removed", async () => {
    const { page, context, complaints } = await world.openConsole("/alerts/channels");
    await page.getByText("Nobody is told yet").waitFor();
    await page.getByRole("button", { name: "Add a channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Kind").selectOption("slack");
    await dialog.getByLabel("Name").fill("Ops");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").getByText("webhookUrl").waitFor();
    await dialog.getByLabel("Webhook URL").fill("https://hooks.example/refused");
    await dialog.getByLabel("Warnings wait during quiet hours").check();
    await dialog.getByLabel("Time zone").fill("Europe/Berlin");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Slack · all alerts · quiet 22:00 to 07:00, Europe/Berlin").waitFor();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("Slack refused a notice (404).").waitFor();

    await page.getByRole("button", { name: "Change Ops" }).click();
    expect(await dialog.getByLabel("Webhook URL").inputValue()).toBe("");
    await dialog.getByText("It is set. Leave this empty to keep it.").waitFor();
    await dialog.getByLabel("Name").fill("Operations");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Operations").first().waitFor();
    expect(world.hub.alerting.channels).toMatchObject([{ name: "Operations", secrets: ["webhookUrl"] }]);

    await page.getByRole("button", { name: "Change Operations" }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.getByText("Nobody is told yet").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("go to whom the owner names on the beacon's own dashboard, which members do not see", async () => {
    const { page, context, complaints } = await world.openDashboard("/alerts");
    const who = page.getByRole("region", { name: "Who is told" });
    await who.getByText("Nobody is told yet").waitFor();
    await who.getByRole("button", { name: "Add a channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Kind").selectOption("discord");
    await dialog.getByLabel("Webhook URL").fill("https://hooks.example/family");
    await dialog.getByLabel("Only what is critical").check();
    // There is nobody that it could be given to.
    expect(await dialog.getByText("Beacons may use it").count()).toBe(0);
    await dialog.getByRole("button", { name: "Save" }).click();
    await who.getByText("Discord · critical only").waitFor();
    await who.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("A test notice is on its way over Discord.").waitFor();
    expect(world.agent.alerting.tested).toEqual(["Discord"]);
    expect(world.agent.alerting.channels).toMatchObject([{ severities: "critical", secrets: ["webhookUrl"] }]);
    world.agent.role = "member";
    await page.reload();
    await page.getByRole("heading", { name: "Alerts" }).waitFor();
    await page
      .getByText(/Nothing (is|was ever) wrong/)
      .first()
      .waitFor();
    expect(await who.count()).toBe(0);
    world.agent.role = "owner";
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("follow rules of any kind, which are added, changed and removed", async () => {
    const { page, context, complaints } = await world.openConsole("/alerts/rules");
    const save = page.getByRole("button", { name: "Save rules" });
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Add a rule" }).click();
    await dialog.getByLabel("Name").fill("swap-used");
    await dialog.getByLabel("What is said").fill("{value} % of the swap is in use");
    await dialog.getByLabel("What is watched").selectOption("What one series is of another, in percent");
    await dialog.getByLabel("Series").fill("swap_used_bytes");
    await dialog.getByLabel("Of", { exact: true }).fill("swap_total_bytes");
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog
      .getByRole("alert")
      .getByText(/not valid: when/)
      .waitFor();
    await dialog.getByLabel("Threshold").fill("60");
    await dialog.getByLabel("Over at").fill("50");
    await dialog.getByRole("button", { name: "memory-full" }).click();
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByLabel("Threshold of swap-used").waitFor();
    await save.click();
    await page.getByText("The rules are changed.").waitFor();
    const added = () => world.hub.alerting.rules.find(({ id }) => id === "swap-used");
    expect(added()).toEqual({
      ...{ id: "swap-used", title: "{value} % of the swap is in use", severity: "warning", seenBy: "beacon" },
      measure: { part: "swap_used_bytes", of: "swap_total_bytes" },
      when: { above: 60 },
      ...{ until: 50, forMs: 300_000, unless: ["memory-full"] },
    });

    await page.getByRole("button", { name: "Change swap-used" }).click();
    expect(await dialog.getByLabel("Name").isDisabled()).toBe(true);
    await dialog.getByLabel("How bad it is").selectOption("Critical");
    await dialog.getByRole("button", { name: "Change" }).click();
    await save.click();
    await expect.poll(() => added()?.severity).toBe("critical");

    await page.getByRole("button", { name: "Change swap-used" }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await save.click();
    await expect.poll(added).toBeUndefined();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("follow rules whose thresholds the operator sets", async () => {
    const { page, context, complaints } = await world.openConsole("/alerts/rules");
    const save = page.getByRole("button", { name: "Save rules" });
    await save.waitFor();
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel("Threshold of cpu-busy").fill("75");
    await page.getByLabel("Minutes of cpu-busy").fill("2.5");
    await save.click();
    await page.getByText("The rules are changed.").waitFor();
    const changed = world.hub.alerting.rules.find(({ id }) => id === "cpu-busy");
    expect(changed).toMatchObject({ when: { above: 75 }, forMs: 150_000 });
    await page.getByRole("button", { name: "Back to how they came" }).click();
    expect(await page.getByLabel("Threshold of cpu-busy").inputValue()).toBe("90");
    expect(complaints).toEqual([]);
    await context.close();
  });
});
