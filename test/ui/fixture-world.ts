import type { Browser, Page } from "playwright-core";
import { ensureWebBuilt } from "#scripts/build-web.ts";
import { type Look, launchBrowser, type OpenedPage, openPage } from "./browser.ts";
import { type FixtureAgent, startFixtureAgent } from "./fixture-agent.ts";
import { FixtureBeacon } from "./fixture-beacon.ts";
import { type FixtureHub, fixtureOperator, startFixtureHub } from "./fixture-hub.ts";

/** Long enough to be seen, short enough not to be waited for. */
const STEP_MS = 60;

/** What ada's root certificate is: the pages only pass it on. */
export const fixtureCertificate = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";

export interface FixtureWorld {
  readonly hub: FixtureHub;
  readonly agent: FixtureAgent;
  /** The beacon that the agent serves and the hub lists first. */
  readonly ada: FixtureBeacon;
  /** A page of the console, signed in. */
  readonly openConsole: (path: string, look?: Look) => Promise<OpenedPage>;
  readonly openDashboard: (path: string, look?: Look) => Promise<OpenedPage>;
  readonly open: (look?: Look) => Promise<OpenedPage>;
  readonly stop: () => Promise<void>;
}

/** A hub with three beacons, one of them with its own dashboard, and a browser. */
export async function startFixtureWorld(): Promise<FixtureWorld> {
  const web = await ensureWebBuilt({ log: () => undefined });
  const ada = new FixtureBeacon({
    id: "bcn_00000001",
    name: "ada",
    apps: { vaultwarden: "running", umami: "running", element: "stopped" },
    certificate: fixtureCertificate,
    stepMs: STEP_MS,
  });
  const mir = new FixtureBeacon({ id: "bcn_00000002", name: "mir", apps: { nextcloud: "degraded" }, stepMs: STEP_MS });
  const voyager = new FixtureBeacon({ id: "bcn_00000003", name: "voyager", apps: {}, online: false, stepMs: STEP_MS });
  const hub = await startFixtureHub(web.console, [ada, mir, voyager]);
  const agent = await startFixtureAgent(web.dashboard, ada);
  const browser: Browser = await launchBrowser();
  return {
    hub,
    agent,
    ada,
    open: (look) => openPage(browser, look),
    openConsole: async (path, look) => {
      const opened = await openPage(browser, look);
      await opened.context.addCookies([{ name: "fixture", value: "in", url: hub.url }]);
      await opened.page.goto(hub.url + path);
      return opened;
    },
    openDashboard: async (path, look) => {
      const opened = await openPage(browser, look);
      await opened.page.goto(agent.url + path);
      return opened;
    },
    stop: async () => {
      await browser.close();
      await hub.stop();
      await agent.stop();
    },
  };
}

export async function signIn(page: Page, password = fixtureOperator.password): Promise<void> {
  await page.getByLabel("E-mail").fill(fixtureOperator.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** By how many pixels a page is wider than the window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
