import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { describe } from "vitest";

const EXECUTABLE = "/usr/bin/chromium";

/** Without Debian's Chromium tests of pages are left out, but never where everything has to be there. */
export const hasBrowser = existsSync(EXECUTABLE) || process.env.CI !== undefined;

export const describeWithBrowser = describe.skipIf(!hasBrowser);

/** Debian's Chromium, without anything that calls home. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: errors of scripts and of the content policy. */
  readonly complaints: string[];
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  readonly reducedMotion?: boolean;
}

/** A page in a browser profile of its own. Answers of 4xx and 5xx are what some tests are about, and no complaint. */
export async function openPage(browser: Browser, look: Look = {}): Promise<OpenedPage> {
  const { width = 1280, height = 860, scheme = "light", reducedMotion = true } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    locale: "en-GB",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`${violatedDirective} does not allow ${blockedURI}`);
    });
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  return { page, context, complaints };
}
