import { describe, expect, it } from "vitest";
import { renderPage } from "#hub/site/frame.ts";
import { html } from "#hub/site/html.ts";
import { orderPage, orderProgress, orderSentence } from "#hub/site/pages/order.ts";
import { money } from "#hub/site/words.ts";
import { type JobState, type JobView, jobStates } from "#shared/api/hub.ts";
import { job, site } from "./order-view.ts";

const shown = (state: JobState, changes?: Partial<JobView>, isMine = false) =>
  orderProgress(site, { job: job(state, changes), isMine }).text;
const marks = (text: string) => [...text.matchAll(/data-mark="(\w+)"/g)].map(([, mark]) => mark);

describe("the page of an order", () => {
  it.each(jobStates.slice(0, -1))("marks what is done and what goes on in %s", (state) => {
    const at = jobStates.indexOf(state);
    expect(marks(shown(state))).toEqual(
      jobStates.slice(0, -1).map((_, nth) => (nth < at ? "done" : nth === at ? "now" : "next")),
    );
    expect(orderSentence({ job: job(state), isMine: false })).toMatch(/^(Your|The) .+\.$/);
  });

  it("leads to the dashboard when the server is up, and loads itself no more", () => {
    const text = shown("COMPLETED", { beacon: "beacon_12345678" });
    expect(text).toContain('href="/beacons/beacon_12345678"');
    expect(new Set(marks(text))).toEqual(new Set(["done"]));
    const page = renderPage(site, orderPage(site, { job: job("COMPLETED"), isMine: true }));
    expect(page).not.toMatch(/refresh|<script|data-events/);
  });

  it("says of a failure that the order is kept, and nothing of its causes", () => {
    const problem = { code: "provider_refused", message: "token abc of account 17 is wrong" } as const;
    const text = shown("FAILED", { stoppedIn: "PROVISIONING_VPS", problem });
    expect(text).toContain("Your order is kept");
    expect(marks(text).slice(0, 3)).toEqual(["done", "done", "failed"]);
    expect(text).not.toContain("token abc");
    expect(renderPage(site, orderPage(site, { job: job("FAILED", { problem }), isMine: true }))).toContain("refresh");
  });

  it("offers the same again when it has ended", () => {
    expect(shown("CANCELLED", { stoppedIn: "PENDING" })).toContain('href="/sign-up?bundle=tiny&amp;tier=t1"');
  });

  it("offers the payment, and its cancel to whoever placed it alone", () => {
    expect(shown("PENDING")).toContain('action="/order/purchase_12345678/pay"');
    expect(shown("PENDING")).not.toContain("/cancel");
    expect(shown("PENDING", {}, true)).toContain("/cancel");
    const sale = { bundle: "tiny", tier: "t1", monthlyCents: 1000, currency: "usd", awaits: "approval" } as const;
    expect(shown("PENDING", { sale })).not.toContain("/pay");
  });

  it("tells nobody the whole address of the customer", () => {
    for (const state of [...jobStates, "FAILED", "CANCELLED"] as const) {
      expect(renderPage(site, orderPage(site, { job: job(state), isMine: false }))).not.toContain("ada@example.org");
    }
  });
});

describe("html", () => {
  it("escapes what is put in, in lists too, and leaves nothing for what is not there", () => {
    const evil = `<b a="1" b='2'>&`;
    expect(html`<p>${evil}${[evil]}${undefined}${false}${0}${html`<i></i>`}</p>`.text).toBe(
      `<p>${"&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;".repeat(2)}0<i></i></p>`,
    );
  });
});

it.each([
  [2999, "$29.99"],
  [1000, "$10"],
  [2050, "$20.50"],
  [5, "$0.05"],
  [123_456_700, "$1,234,567"],
])("writes %i cents as %s", (cents, text) => expect(money(cents)).toBe(text));
