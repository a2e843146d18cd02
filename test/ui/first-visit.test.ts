import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { MyAccount } from "#shared/api/hub.ts";
import { describeWithBrowser, type OpenedPage } from "./browser.ts";
import { type FixtureWorld, fixtureCertificate, overflowOf, signIn, startFixtureWorld } from "./fixture-world.ts";

describeWithBrowser("the first visit", () => {
  let world: FixtureWorld;
  let operator: MyAccount;
  const opened: OpenedPage[] = [];
  const open = async (opening: Promise<OpenedPage>) => {
    const page = await opening;
    opened.push(page);
    return page;
  };
  beforeAll(async () => {
    world = await startFixtureWorld();
    operator = world.hub.me;
  });
  afterAll(async () => {
    await world.stop();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ context }) => context.close()));
    world.hub.me = operator;
  });

  test("from a mail finds the address filled in, and asks for a link with one click", async () => {
    const { page, complaints } = await open(world.open());
    await page.goto(`${world.hub.url}/sign-in?email=ada%2Bshop%40example.org`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe("ada+shop@example.org");
    await page.getByRole("button", { name: "Mail me a link instead" }).click();
    await page.getByText("If ada+shop@example.org has an account").waitFor();
    expect(world.hub.links).toEqual(["ada+shop@example.org"]);
    await page.getByRole("button", { name: "Back" }).click();
    expect(await page.getByLabel("E-mail").inputValue()).toBe("ada+shop@example.org");
    expect(complaints).toEqual([]);
  });

  test("ends on the first page, also for somebody who is signed in already", async () => {
    const { page, complaints } = await open(world.open());
    await page.goto(`${world.hub.url}/sign-in?email=ada%40example.org`);
    await signIn(page);
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    expect(page.url()).toBe(`${world.hub.url}/`);
    await page.goto(`${world.hub.url}/sign-in?email=ada%40example.org&error=INVALID_TOKEN`);
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    expect(page.url()).toBe(`${world.hub.url}/`);
    await page.goBack();
    expect(page.url()).not.toContain("sign-in");
    expect(complaints).toEqual([]);
  });

  test("by a link that was used up says so, and no other does", async () => {
    const { page } = await open(world.open());
    const words = page.getByText("This link was used already, or is too old.");
    await page.goto(`${world.hub.url}/sign-in?email=ada%40example.org`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await words.count()).toBe(0);
    await page.goto(`${world.hub.url}/sign-in?email=ada%40example.org&error=INVALID_TOKEN`);
    await words.waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe("ada@example.org");
  });

  test("of an owner shows what is for owners, and offers a password until there is one", async () => {
    world.hub.me = { ...operator, role: "owner", hasPassword: false };
    const { page, complaints } = await open(world.openConsole("/"));
    await page.getByRole("heading", { name: "Your beacons" }).waitFor();
    expect(await page.getByRole("navigation").getByRole("link").allTextContents()).toEqual(["Beacons", "Billing"]);
    expect(await page.getByRole("link", { name: "New beacon" }).count()).toBe(0);

    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Set a password" }).click();
    await dialog.getByLabel("Password").fill("short");
    await dialog.getByRole("button", { name: "Set password" }).click();
    await dialog.getByLabel("Password").fill("password1234");
    await page.keyboard.press("Enter");
    await dialog.getByText("This password is known to everybody.").waitFor();
    await dialog.getByLabel("Password").fill("a sentence of my own");
    await page.keyboard.press("Enter");
    await page.locator(".toast").getByText("Your password is set").waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.reload();
    await page.locator(".fleet-row").first().waitFor();
    expect(await page.getByText("You came in by a link.").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("of an owner who wants no password now is not asked again in this visit", async () => {
    world.hub.me = { ...operator, hasPassword: false };
    const { page } = await open(world.openConsole("/", { width: 360, height: 740 }));
    const words = page.getByText("You came in by a link.");
    await words.waitFor();
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole("button", { name: "Not now" }).click();
    await words.waitFor({ state: "detached" });
    await page.reload();
    await page.locator(".fleet-row").first().waitFor();
    expect(await words.count()).toBe(0);
    expect(world.hub.me.hasPassword).toBe(false);
  });

  test.each(["/jobs", "/audit", "/beacons/new"])("of an owner finds no page at %s", async (path) => {
    world.hub.me = { ...operator, role: "owner" };
    const { page } = await open(world.openConsole(path));
    await page.getByText(path === "/beacons/new" ? "There is no beacon new." : "There is no such page").waitFor();
  });

  test("of an operator shows under which domain the first beacon will live", async () => {
    const beacons = world.hub.beacons.splice(0);
    const { page } = await open(world.openConsole("/"));
    await page.getByText("No beacons yet").waitFor();
    await page.getByRole("link", { name: "New beacon" }).click();
    await page.getByLabel("Name").fill("grace");
    await page.getByLabel("Summary").getByText("grace.beacons.example").waitFor();
    world.hub.beacons.push(...beacons);
  });

  const rootOf = async (page: Page) => {
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download root certificate" }).click();
    const download = await downloading;
    return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
  };

  test("brings the root certificate of a beacon that signs its own, from the console and from the beacon", async () => {
    const { page, complaints } = await open(world.openConsole("/beacons/bcn_00000001"));
    expect(await rootOf(page)).toEqual(["ada-root.pem", fixtureCertificate]);
    const dashboard = await open(world.openDashboard("/"));
    expect(await rootOf(dashboard.page)).toEqual(["ada-root.pem", fixtureCertificate]);
    expect([...complaints, ...dashboard.complaints]).toEqual([]);

    await page.goto(`${world.hub.url}/beacons/bcn_00000002`);
    await page.getByRole("region", { name: "Machine" }).waitFor();
    expect(await page.getByRole("region", { name: "Certificate" }).count()).toBe(0);
  });
});
