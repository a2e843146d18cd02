import type { Browser } from "playwright-core";
import type { HubConfig } from "#hub/config.ts";
import type { HubTools } from "#hub/start-hub.ts";
import { ensureWebBuilt } from "#scripts/build-web.ts";
import type { TestClient } from "#test/hub/test-client.ts";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import { type Look, launchBrowser, type OpenedPage, openPage } from "./browser.ts";

/** A hub with its own pages, and a browser. */
export interface RealWorld {
  readonly hub: TestHub;
  /** A page of the console, signed in as the operator, or as somebody else. */
  open(path: string, look?: Look, who?: TestClient): Promise<OpenedPage>;
  stop(): Promise<void>;
}

export async function startRealWorld(
  settings: Partial<HubConfig> = {},
  tools: Pick<HubTools, "billing" | "vendorEndpoints"> = {},
): Promise<RealWorld> {
  const { console: consoleDirectory } = await ensureWebBuilt({ log: () => undefined });
  const hub = await startTestHub({ ...settings, consoleDirectory }, undefined, tools);
  const shown = await showIn(hub);
  return {
    ...shown,
    stop: async () => {
      await shown.stop();
      await hub.stop();
    },
  };
}

/** @param hub With the built pages as its `consoleDirectory`. It is left running. */
export async function showIn(hub: TestHub): Promise<RealWorld> {
  const browser: Browser = await launchBrowser();
  return {
    hub,
    open: async (path, look, who) => {
      const opened = await openPage(browser, look);
      const { cookies } = who ?? (await hub.operator());
      await opened.context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: hub.url })));
      await opened.page.goto(hub.url + path);
      return opened;
    },
    stop: () => browser.close(),
  };
}
