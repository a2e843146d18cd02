import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasContracts } from "#test/simulators/contract.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import { hasBrowser } from "./browser.ts";
import { type RealWorld, startRealWorld } from "./real-world.ts";

describe.skipIf(!hasBrowser || !hasContracts())("the page of providers", () => {
  let hetzner: SimulatedVendor;
  let world: RealWorld;
  beforeAll(async () => {
    hetzner = await startHetzner();
    // Nothing listens at the other's place.
    const vendorEndpoints = { hetzner: `${hetzner.url}/v1`, upcloud: "http://127.0.0.1:9/1.3" };
    world = await startRealWorld({}, { vendorEndpoints });
  });
  afterAll(async () => {
    await world.stop();
    await hetzner.stop();
  });

  const tokenInBook = async () => {
    const row = await world.hub.db.selectFrom("provider_account").selectAll().executeTakeFirst();
    return row?.sealed !== null && row?.sealed !== undefined;
  };

  test("tells a newcomer what to do, takes credentials, and asks the vendor at once", async () => {
    const { page, context, complaints } = await world.open("/providers");
    await page.getByRole("heading", { name: "No account at a provider yet" }).waitFor();
    expect(await page.locator(".provider-card").count()).toBe(7);
    await page.getByText("paid for until its term ends").first().waitFor();
    await page.getByRole("button", { name: "Set up Hetzner Cloud" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("with the right to read and write").waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("This is needed.").waitFor();
    expect(await tokenInBook()).toBe(false);

    await dialog.getByLabel("API token").fill("a-token-of-nobody");
    await dialog.getByText("100 % of the orders").waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    // The vendor's own words, while what was put in stays.
    await dialog.getByRole("alert").getByText("provider_credentials").waitFor();
    expect(await tokenInBook()).toBe(true);
    await dialog.getByLabel("API token").fill(String(hetzner.credentials.token));
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Hetzner Cloud takes the credentials.").waitFor();
    await dialog.waitFor({ state: "hidden" });
    const row = page.getByRole("listitem", { name: "Hetzner Cloud" });
    await row.getByText("Ready").waitFor();
    await row.getByText("checked just now").waitFor();
    expect(await page.locator(".provider-card").count()).toBe(6);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("never shows a secret again, keeps it when its field is empty, and says what is wrong with new ones", async () => {
    const { page, context, complaints } = await world.open("/providers");
    const row = page.getByRole("listitem", { name: "Hetzner Cloud" });
    await row.getByRole("button", { name: "Change Hetzner Cloud" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByLabel("API token").inputValue()).toBe("");
    await dialog.getByText("It is set. Leave this empty to keep it.").waitFor();
    await dialog.getByLabel("Weight").fill("1001");
    await dialog.getByText("A whole number from 0 to 1000.").waitFor();
    await dialog.getByLabel("Weight").fill("50");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "hidden" });
    await row.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText("Hetzner Cloud takes the credentials.").waitFor();
    expect(await page.content()).not.toContain(String(hetzner.credentials.token));
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("says that a vendor does not answer, and lets it be tried again", async () => {
    const { page, context } = await world.open("/providers");
    await page.getByRole("button", { name: "Set up UpCloud" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("User name").fill("wopr");
    await dialog.getByLabel("Password").fill("secret");
    await dialog.getByLabel("Weight").fill("150");
    await dialog.getByText("75 % of the orders").waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("progressbar", { name: "Asking UpCloud" }).waitFor();
    await dialog.getByRole("alert").getByText("provider_unavailable").waitFor();
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await page.getByRole("listitem", { name: "UpCloud" }).getByText("Not working").waitFor();
    await context.close();
  });

  test("shows what other weights would do before they are saved, by keyboard alone", async () => {
    const { page, context, complaints } = await world.open("/providers");
    const shares = page.getByRole("list", { name: "Shares of the orders" });
    await shares.getByText("75 %").waitFor();
    const save = page.getByRole("button", { name: "Save weights" });
    expect(await save.isDisabled()).toBe(true);
    const weight = page.getByRole("textbox", { name: "Weight of UpCloud" });
    await weight.focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("50");
    await page.getByRole("heading", { name: "Orders would go to" }).waitFor();
    expect(await shares.getByRole("listitem").allTextContents()).toEqual(["Hetzner Cloud 50 %", "UpCloud 50 %"]);
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    expect(await save.isDisabled()).toBe(true);
    await page.keyboard.type("0");
    expect(await shares.getByRole("listitem").allTextContents()).toEqual(["Hetzner Cloud 100 %"]);
    await save.focus();
    await page.keyboard.press("Enter");
    await page.getByText("Orders are shared so from now on.").waitFor();
    await page.reload();
    await page.getByRole("listitem", { name: "UpCloud" }).getByText("0 %").waitFor();
    expect(await shares.getByRole("listitem").allTextContents()).toEqual(["Hetzner Cloud 100 %"]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("says that orders wait when nobody gets any", async () => {
    const { page, context } = await world.open("/providers");
    await page.getByRole("button", { name: "Change Hetzner Cloud" }).click();
    await page.getByLabel("It gets orders").uncheck();
    await page.getByText("Switched off it gets no orders.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByText("Nobody gets orders").waitFor();
    await page.getByRole("listitem", { name: "Hetzner Cloud" }).getByText("Switched off").waitFor();
    await context.close();
  });
});
