import { ensureWebBuilt } from "#scripts/build-web.ts";
import { launchBrowser, openPage } from "#test/ui/browser.ts";
import { fixtureFleet, stir } from "#test/ui/fixture-fleet.ts";
import { startFixtureHub } from "#test/ui/fixture-hub.ts";
import type { Row } from "./table.ts";

const COUNT = 1000;
const SECONDS = 10;
/** A page that does not answer for longer feels broken (https://web.dev/articles/optimize-long-tasks calls 50 ms long). */
const LONGEST_TASK_MS = 200;

/** The console's first page with 1,000 beacons, a tenth of which come or go each second, while it is scrolled from end to end. */
export async function benchFleetPage(): Promise<Row[]> {
  const web = await ensureWebBuilt({ log: () => undefined });
  const fleet = fixtureFleet(COUNT);
  const hub = await startFixtureHub(web.console, fleet);
  const browser = await launchBrowser();
  let turn = 0;
  const stirring = setInterval(() => stir(fleet, 10, turn++), 1_000);
  try {
    const { page, context } = await openPage(browser);
    await context.addCookies([{ name: "fixture", value: "in", url: hub.url }]);
    await page.goto(hub.url);
    await page.locator(".fleet-row").first().waitFor();
    const { longestMs, frames, rows } = await page.evaluate(async (seconds) => {
      const tasks: number[] = [];
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      });
      observer.observe({ entryTypes: ["longtask"] });
      const gaps: number[] = [];
      let most = 0;
      const from = performance.now();
      let before = from;
      while (performance.now() - from < seconds * 1_000) {
        const at = await new Promise(requestAnimationFrame);
        gaps.push(at - before);
        before = at;
        const share = (1 - Math.cos(((at - from) / 2_500) * Math.PI)) / 2;
        window.scrollTo(0, (document.documentElement.scrollHeight - window.innerHeight) * share);
        most = Math.max(most, document.querySelectorAll(".fleet-row").length);
      }
      observer.disconnect();
      return { longestMs: Math.max(0, ...tasks), frames: gaps.sort((a, b) => a - b), rows: most };
    }, SECONDS);
    const frame = frames[Math.floor(frames.length * 0.95)] ?? 0;
    if (rows >= 100) throw new Error(`${rows} rows are there at once`);
    return [
      {
        what: `${COUNT} beacons in a list that is scrolled, 100 of them changing each second: longest task`,
        ours: `${longestMs.toFixed(0)} ms`,
        peer: `${LONGEST_TASK_MS} ms at most`,
        ratio: longestMs / LONGEST_TASK_MS,
      },
      {
        what: `the same: 19 of 20 frames within (${rows} rows there)`,
        ours: `${frame.toFixed(1)} ms`,
        peer: "33 ms",
        ratio: frame / 33,
      },
    ];
  } finally {
    clearInterval(stirring);
    await browser.close();
    await hub.stop();
  }
}
