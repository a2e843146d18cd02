import { afterAll, beforeAll, expect, test } from "vitest";
import { jobStates } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { describeWithBrowser } from "./browser.ts";
import { type FixtureWorld, signIn, startFixtureWorld } from "./fixture-world.ts";

describeWithBrowser("the console", () => {
  let world: FixtureWorld;
  beforeAll(async () => {
    world = await startFixtureWorld();
  });
  afterAll(async () => {
    await world.stop();
  });

  test("lets nobody in with a wrong password, and in with the right one", async () => {
    const { page, context, complaints } = await world.open();
    await page.goto(`${world.hub.url}/audit`);
    await signIn(page, "wrong");
    await page.getByRole("alert").getByText("Invalid email or password").waitFor();
    await signIn(page);
    await page.getByRole("heading", { name: "Audit" }).waitFor();
    await page.getByText("hub.set-up").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("mails a link to those who have no password", async () => {
    const { page, context } = await world.open();
    await page.goto(world.hub.url);
    const button = page.getByRole("button", { name: "Mail me a link instead" });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel("E-mail").fill("grace@example.org");
    await button.click();
    await page.getByText("Look into your mailbox").waitFor();
    expect(world.hub.links).toEqual(["grace@example.org"]);
    await context.close();
  });

  test("shows how it stands with the certificate of each address", async () => {
    const [good, own] = ["ada.beacons.example", "notes.example.net"];
    const certificate = { issuer: "Let's Encrypt R11", notBefore: Date.now(), notAfter: Date.now() + 60 * 86_400_000 };
    world.ada.certificates = [
      { host: good, certificate },
      { host: own, elsewhere: { found: [], expected: ["192.0.2.1"] } },
    ];
    const { page, context, complaints } = await world.openConsole(`/beacons/${world.ada.id}/overview`);
    const addresses = page.getByRole("region", { name: "Addresses" });
    await addresses.getByRole("listitem").filter({ hasText: good }).getByText("Secure").waitFor();
    const elsewhere = addresses.getByRole("listitem").filter({ hasText: own });
    await elsewhere.getByText("Leads elsewhere").waitFor();
    await elsewhere.getByText(`Set a CNAME record of ${own} to ${good}, or its addresses to 192.0.2.1.`).waitFor();
    await page.getByText(`Look at the certificate of ${own}.`).waitFor();
    expect(complaints).toEqual([]);
    world.ada.certificates = [];
    await context.close();
  });

  test("signs out", async () => {
    const { page, context } = await world.openConsole("/");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await context.close();
  });

  test("asks for the code at the first start", async () => {
    world.hub.setupNeeded = true;
    const { page, context } = await world.open();
    await page.goto(world.hub.url);
    await page.getByLabel("Set-up code").fill("guess");
    await page.getByLabel("Your name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.getByRole("button", { name: "Set up this hub" }).click();
    await page.getByText("This is not the set-up code.").waitFor();
    await page.getByLabel("Set-up code").fill("let-me-in");
    await page.getByRole("button", { name: "Set up this hub" }).click();
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    await context.close();
  });

  test("shows the fleet, and finds a beacon after “/”", async () => {
    const { page, context, complaints } = await world.openConsole("/");
    await page.getByText("3 beacons · 2 online · 1 app not well").waitFor();
    expect(await page.locator(".fleet-row").allTextContents()).toHaveLength(3);
    expect(await page.locator(".fleet-row", { hasText: "voyager" }).textContent()).toContain("Offline");
    await page.keyboard.press("/");
    await page.keyboard.type("mir");
    await page.locator(".fleet-row", { hasText: "ada" }).waitFor({ state: "detached" });
    expect(await page.locator(".fleet-row").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.locator(".fleet-row", { hasText: "ada" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("checks an order while it is typed, and leads from it to its job", async () => {
    const { page, context, complaints } = await world.openConsole("/beacons/new");
    await page.getByText("Nextcloud").waitFor();
    const name = page.getByLabel("Name");
    await name.fill("grace-");
    await page.getByText("No hyphen at either end.").waitFor();
    await name.fill("mir");
    await page.getByText("There is a beacon named mir already.").waitFor();
    await name.fill("");
    await page.getByRole("button", { name: "Create beacon" }).click();
    await page.getByText("A name is needed.").waitFor();
    expect(await name.evaluate((input) => input === document.activeElement)).toBe(true);

    await name.fill("Grace");
    await page.getByText("Umami").first().click();
    const summary = page.getByRole("complementary", { name: "Summary" });
    await summary.getByText("512 MB").waitFor();
    expect(await summary.textContent()).toContain("grace.beacons.example");
    await page.getByRole("button", { name: "Create beacon" }).click();
    await page.getByRole("heading", { name: "grace" }).waitFor();
    expect(world.hub.jobs.list[0]).toMatchObject({ beaconName: "grace", modules: ["umami"] });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("shows what the hub says against an order", async () => {
    const { page, context } = await world.openConsole("/beacons/new");
    await page.getByLabel("Name").fill("taken");
    await page.getByRole("button", { name: "Create beacon" }).click();
    await page.getByRole("alert").getByText("There is a beacon named taken already.").waitFor();
    await context.close();
  });

  test("follows a job through its states, live", async () => {
    const { id } = world.hub.jobs.order({ email: "hal@example.org", beacon: "hal", modules: [] });
    const { page, context, complaints } = await world.openConsole(`/jobs/${id}`);
    const current = page.locator('.timeline-entry[data-mark="now"] .timeline-state');
    for (const state of jobStates.slice(0, -1)) {
      await current.getByText(state, { exact: true }).waitFor();
      world.hub.jobs.advance(id, "bcn_00000001");
    }
    await page.getByText("hal is up.").waitFor();
    expect(await page.locator('.timeline-entry[data-mark="done"]').count()).toBe(jobStates.length);
    expect(await page.locator(".timeline-took").first().textContent()).toBe("1.4 s");
    await page.getByRole("link", { name: "To the beacon" }).click();
    await page.getByRole("heading", { name: "ada" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("approves what a customer ordered, once", async () => {
    const sale = { bundle: "tiny", tier: "t1", monthlyCents: 1000, currency: "usd", awaits: "approval" } as const;
    const { id } = world.hub.jobs.order({ email: "lou@example.org", beacon: "lou", modules: ["umami"] }, sale);
    const { page, context, complaints } = await world.openConsole(`/jobs/${id}`);
    await page.getByText("tiny T1 · umami").waitFor();
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("button", { name: "Approve" }).waitFor({ state: "detached" });
    expect(world.hub.jobs.find(id).sale?.approvedAt).toBeTypeOf("number");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("says why a job failed, and tries again or cancels", async () => {
    const { jobs } = world.hub;
    const { id } = jobs.order({ email: "hal@example.org", beacon: "sal", modules: [] });
    jobs.advance(id, "bcn_00000001");
    jobs.fail(
      id,
      new Problem("provider_unavailable", "the provider does not answer", {
        hint: "Its status page may know more.",
        details: { log: ["connect ECONNREFUSED"] },
      }),
    );
    const { page, context } = await world.openConsole(`/jobs/${id}`);
    const alert = page.getByRole("alert");
    await alert.getByText("The provider does not answer.", { exact: false }).waitFor();
    expect(await alert.textContent()).toContain("Its status page may know more.");
    expect(await alert.locator("pre").first().textContent()).toBe("connect ECONNREFUSED");
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("dialog").getByText("It goes on where it stopped: “Payment”.").waitFor();
    await page.getByRole("button", { name: "Not now" }).click();
    expect(jobs.find(id).state).toBe("FAILED");
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator('.timeline-entry[data-mark="now"]').waitFor();
    await page.getByRole("button", { name: "Cancel job" }).click();
    await page.getByRole("button", { name: "Go on" }).click();
    expect(jobs.find(id).state).toBe("PAYMENT_RECEIVED");
    await page.getByRole("button", { name: "Cancel job" }).click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await page.getByText("Cancelled", { exact: true }).waitFor();
    expect(jobs.find(id).state).toBe("CANCELLED");
    await context.close();
  });

  test("names what an entry of the audit log is about, and shows all that it holds", async () => {
    const { page, context } = await world.openConsole("/audit");
    await page.locator(".audit summary").first().waitFor();
    await page.getByLabel("Search entries").fill("MIR");
    const visit = page.locator(".audit li");
    await expect.poll(() => visit.count()).toBe(1);
    await visit.getByText("beacon.visit").click();
    expect(await visit.locator(".audit-subject").textContent()).toBe("mir");
    expect(await visit.locator("pre").textContent()).toContain('"subject": "bcn_00000002"');
    await context.close();
  });

  test("says that the link is lost, and catches up when it is back", async () => {
    const { page, context, complaints } = await world.openConsole("/jobs");
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
    await page.waitForFunction(() => document.querySelector(".link-lost") === null);
    world.hub.cut();
    await page.getByText("The link to the hub is lost.").waitFor();
    world.hub.jobs.order({ email: "eve@example.org", beacon: "unseen", modules: [] });
    world.hub.resume();
    await page.getByText("unseen").waitFor();
    await page.locator(".link-lost").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("opens a beacon’s own dashboard with a posted token", async () => {
    const { page, context } = await world.openConsole("/beacons/bcn_00000001");
    const posted = new Promise<string>((resolve) => {
      void context.route("https://ada.beacons.example/**", (route) => {
        const request = route.request();
        resolve(`${request.method()} ${request.url()} ${request.postData()}`);
        return route.fulfill({ body: "in" });
      });
    });
    await page.getByRole("button", { name: "Open dashboard" }).click();
    expect(await posted).toBe("POST https://ada.beacons.example/session token=for+bcn_00000001");
    await context.close();
  });

  test("tells addresses that lead nowhere, and beacons that are not there", async () => {
    const { page, context } = await world.openConsole("/nowhere");
    await page.getByText("There is no such page").waitFor();
    await page.goto(`${world.hub.url}/beacons/bcn_99999999`);
    await page.getByText("There is no beacon bcn_99999999.").waitFor();
    await page.getByRole("navigation", { name: "Of this beacon" }).waitFor({ state: "detached" });
    expect(await page.getByRole("heading").count()).toBe(0);
    await context.close();
  });
});
