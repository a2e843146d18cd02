import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, startFixtureWorld } from "./fixture-world.ts";

describeWithBrowser("who speaks for a beacon", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });

  test("its agent is shut out only by whoever types its name", async () => {
    const { page, context, complaints } = await world.openConsole(`/beacons/${world.ada.id}/overview`);
    const agent = page.getByRole("region", { name: "Agent" });
    await agent.getByRole("button", { name: "Shut the agent out" }).click();
    const dialog = page.getByRole("dialog");
    const button = dialog.getByRole("button", { name: "Shut it out" });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel("Type ada to confirm").fill("adam");
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel("Type ada to confirm").fill("ada");
    await button.click();
    await dialog.waitFor({ state: "hidden" });
    expect(world.hub.revoked).toEqual(["ada"]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a token for another agent is made when it is asked for, and shown once", async () => {
    const { page, context } = await world.openConsole(`/beacons/${world.ada.id}/overview`);
    const open = () => page.getByRole("button", { name: "Enrol another agent" }).click();
    await open();
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByText("a-token-that-is-shown-once").waitFor();
    await page.getByRole("button", { name: "I have it" }).click();
    await open();
    await page.getByRole("button", { name: "Make a token" }).waitFor();
    expect(await page.getByText("a-token-that-is-shown-once").count()).toBe(0);
    await context.close();
  });

  test("a one-time link signs in without the hub, and leaves its code nowhere", async () => {
    world.agent.signedIn = false;
    const { page, context, complaints } = await world.openDashboard("/#sign-in=login_right");
    await page.getByText("ada.beacons.example").first().waitFor();
    expect(world.agent.codes).toEqual(["login_right"]);
    expect(page.url()).toBe(`${world.agent.url}/`);
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
    await context.close();
  });

  test("a beacon says on its own pages that its hub has shut it out", async () => {
    world.agent.signedIn = true;
    world.ada.hubLink = { state: "revoked", since: Date.now() - 3_600_000 };
    const { page, context } = await world.openDashboard("/");
    await page.getByText("The hub has shut this beacon’s agent out").waitFor();
    world.ada.hubLink = undefined;
    await context.close();
  });

  test("a code that was used says so, and another one can be typed", async () => {
    world.agent.signedIn = false;
    const { page, context } = await world.openDashboard("/#sign-in=login_used");
    await page.getByText("this sign-in code was used already").waitFor();
    expect(page.url()).not.toContain("login_used");
    await page.getByLabel("One-time code").fill("login_right");
    await page.getByRole("button", { name: "Sign in with the code" }).click();
    await page.getByText("ada.beacons.example").first().waitFor();
    await context.close();
  });
});
