import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { JobView } from "#shared/api/hub.ts";
import type { TestHub } from "../test-hub.ts";
import { createBuyer, wanted } from "./buyer.ts";
import { type PayDesk, startPayDesk } from "./pay-desk.ts";
import { startShopHub } from "./site-hub.ts";

const Jobs = z.object({ jobs: z.array(JobView) });
const HOUR_MS = 3_600_000;
/** The window in which orders are counted. */
const WINDOW_MS = 600_000;
const working = /^(PROVISIONING|WAITING_FOR)_VPS$/;

const jobsOf = async (hub: TestHub, name: string) => {
  const { jobs } = Jobs.parse((await (await hub.operator()).get("/api/jobs")).body);
  return jobs.filter(({ beaconName }) => beaconName === name);
};
const stateOf = async (hub: TestHub, name: string) => (await jobsOf(hub, name))[0]?.state;
const idOf = (location: string) => /^\/order\/(purchase_[0-9a-f-]{36})$/.exec(location)?.[1] ?? "";

describe("an order without billing", () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startShopHub();
  });
  beforeEach(() => hub.advance(WINDOW_MS));
  afterAll(() => hub.stop());

  it("is shown with its price before it is placed, and nothing is held yet", async () => {
    const buyer = createBuyer(hub.url);
    const { status, text } = await buyer.post("/sign-up", { ...wanted, tier: "t2", addOns: [] });
    expect(status).toBe(200);
    expect(text).toContain("ada.localhost");
    expect(text).toContain("$20.50");
    expect(text).toContain("Place the order");
    expect(await jobsOf(hub, "ada")).toEqual([]);
  });

  it("waits for the operator, who approves it once, and says so on its page", async () => {
    const buyer = createBuyer(hub.url);
    const placed = await buyer.post("/order", { ...wanted, name: "grace" });
    expect(placed.status).toBe(303);
    const page = await buyer.get(placed.location);
    expect(page.text).toContain("Your order is in");
    expect(page.text).not.toContain("ada@example.org");
    const [job] = await jobsOf(hub, "grace");
    expect(job).toMatchObject({
      ...{ state: "PENDING", modules: ["page"], email: "ada@example.org", purchase: idOf(placed.location) },
      sale: { bundle: "tiny", tier: "t1", monthlyCents: 1000, currency: "usd", awaits: "approval" },
    });
    const operator = await hub.operator();
    expect((await hub.client().post(`/api/jobs/${job?.id}/approve`)).status).toBe(401);
    expect((await operator.post(`/api/jobs/${job?.id}/approve`)).status).toBe(202);
    await expect.poll(() => stateOf(hub, "grace")).toMatch(working);
    expect((await operator.post(`/api/jobs/${job?.id}/approve`)).status).toBe(202);
    expect((await buyer.get(placed.location)).text).toContain("Your server is being made");
    const audit = await hub.db.selectFrom("audit").selectAll().where("action", "=", "job.approve").execute();
    expect(audit).toHaveLength(1);
  });

  it("is one, however often and however fast its form is sent", async () => {
    const buyer = createBuyer(hub.url);
    await buyer.get("/sign-up?bundle=tiny");
    const form = { ...wanted, name: "twice" };
    const answers = await Promise.all([1, 2, 3, 4].map(() => buyer.post("/order", form)));
    const later = await buyer.post("/order", form);
    expect(new Set([...answers, later].map(({ status, location }) => `${status} ${location}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(303);
    expect(await jobsOf(hub, "twice")).toHaveLength(1);
  });

  it("gets a name that two want at the same moment once", async () => {
    const answers = await Promise.all(
      ["a", "b", "c"].map((who) =>
        createBuyer(hub.url).post("/order", { ...wanted, name: "both", email: `${who}@example.org` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422, 422]);
    const refused = answers.find(({ status }) => status === 422);
    expect(refused?.text).toContain("The name both is taken. Choose another name.");
    expect(refused?.text).toMatch(/aria-invalid="true"[^>]*aria-describedby="name-wrong name-note"/);
    expect(await jobsOf(hub, "both")).toHaveLength(1);
  });

  it("for another bundle under the name of one's own open order leads to that order", async () => {
    const buyer = createBuyer(hub.url);
    const first = await buyer.post("/order", { ...wanted, name: "mine" });
    const second = await buyer.post("/order", { ...wanted, name: "mine", tier: "t2" });
    expect(second.status).toBe(422);
    expect(second.text).toContain(`href="${first.location}"`);
    expect(await jobsOf(hub, "mine")).toHaveLength(1);
  });

  it("can be cancelled by the browser that placed it, and by no other, and frees the name", async () => {
    const buyer = createBuyer(hub.url);
    const { location } = await buyer.post("/order", { ...wanted, name: "regret" });
    const stranger = await createBuyer(hub.url).post(`${location}/cancel`, {});
    expect(stranger.status).toBe(403);
    expect(await stateOf(hub, "regret")).toBe("PENDING");
    expect((await buyer.post(`${location}/cancel`, {})).status).toBe(303);
    expect((await buyer.get(location)).text).toContain("This order has ended");
    await expect
      .poll(async () => (await createBuyer(hub.url).post("/order", { ...wanted, name: "regret" })).status)
      .toBe(303);
  });

  it.each([
    ["a bundle that is none", { bundle: "nosuch" }],
    ["a bundle that is still to come", { bundle: "starter" }],
    ["a tier that is none", { tier: "t9" }],
    ["a tier that is agreed in person", { tier: "t3" }],
    ["an add-on that is none", { addOns: ["nosuch", "__proto__"] }],
    ["an add-on that is still to come", { tier: "t2", addOns: ["kimai"] }],
    ["a storage that is none", { storage: "-1" }],
    ["a reserved name", { name: "admin" }],
    ["an encoded name", { name: "xn--admin" }],
    ["a name of look-alikes", { name: "аda" }],
    ["a path as a name", { name: "../ada" }],
    ["no address", { email: "" }],
    ["nothing at all", { bundle: "tiny", tier: "", name: "", email: "" }],
  ])("of %s is refused, and nothing is stored", async (_what, changes) => {
    const before = await hub.db.selectFrom("purchase").select("id").execute();
    const answer = await createBuyer(hub.url).post("/order", { ...wanted, name: "tampered", ...changes });
    expect([303, 422]).toContain(answer.status);
    if (answer.status === 303) expect(answer.location).toBe("/pricing");
    else expect(answer.text).toContain('class="wrong"');
    expect(await hub.db.selectFrom("purchase").select("id").execute()).toEqual(before);
  });

  it("costs what the catalog says, whatever the form says", async () => {
    const prices = { price: "1", priceCents: "1", totalCents: "0", monthlyCents: "1", lines: "[]" };
    await createBuyer(hub.url).post("/order", { ...wanted, name: "cheap", ...prices });
    expect((await jobsOf(hub, "cheap"))[0]?.sale?.monthlyCents).toBe(1000);
  });

  it("is for nobody else's page to place", async () => {
    const body = new URLSearchParams({ ...wanted, name: "forged" });
    const headers = { origin: "https://evil.example" };
    expect((await fetch(`${hub.url}/order`, { method: "POST", body, headers })).status).toBe(403);
    expect(await jobsOf(hub, "forged")).toEqual([]);
  });

  it("shows what was typed as text, never as markup", async () => {
    const { text } = await createBuyer(hub.url).post("/sign-up", { ...wanted, name: `"><img src=x onerror=alert(1)>` });
    expect(text).not.toContain("<img");
    expect(text).toContain("&lt;img");
  });

  it("is taken a few times in a short while, and then no more for a while", async () => {
    const buyer = createBuyer(hub.url);
    const tries = Array.from({ length: 25 }, () => buyer.post("/order", { ...wanted, name: "x" }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 422)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    hub.advance(WINDOW_MS);
    expect((await buyer.post("/order", { ...wanted, name: "x" })).status).toBe(422);
  });

  it("that is not there is not found, and one of an operator is nobody's to see", async () => {
    const job = JobView.parse(
      (await (await hub.operator()).post("/api/orders", { email: "op@example.org", beacon: "ops", modules: [] })).body,
    );
    for (const id of [job.purchase, "purchase_nosuch", "../../etc/passwd", "%00"]) {
      expect((await createBuyer(hub.url).get(`/order/${id}`)).status).toBe(404);
    }
  });
});

describe("an order with a checkout", () => {
  let hub: TestHub;
  let desk: PayDesk;
  beforeAll(async () => {
    desk = await startPayDesk();
    hub = await startShopHub({ billing: desk });
    desk.hub = hub.url;
  });
  afterAll(async () => {
    await hub.stop();
    await desk.stop();
  });

  const order = async (name: string) => {
    const buyer = createBuyer(hub.url);
    const { status, location } = await buyer.post("/order", { ...wanted, name });
    expect([status, location]).toEqual([303, expect.stringContaining(`${desk.checkout.origin}/pay/`)]);
    return { buyer, pay: location, path: `/order/${location.split("/").at(-1)}` };
  };
  const available = async (name: string) => {
    const { body } = await hub.client().get(`/api/names/${name}`);
    return z.object({ available: z.boolean() }).parse(body).available;
  };

  it("leads to the payment, holds the name meanwhile, and goes on at once when it is paid", async () => {
    expect(await available("lou")).toBe(true);
    const { buyer, pay, path } = await order("lou");
    expect(await available("lou")).toBe(false);
    expect((await buyer.get(path)).text).toContain("Go to the payment");
    expect(desk.opened.at(-1)).toMatchObject({
      beaconName: "lou",
      sale: { lines: [{ key: "bundle_tiny_t1", priceCents: 1000 }], server: "t1", expiresAt: expect.any(Number) },
    });
    expect((await fetch(pay, { method: "POST", redirect: "manual" })).headers.get("location")).toBe(hub.url + path);
    await expect.poll(() => stateOf(hub, "lou")).toMatch(working);
    expect((await buyer.post(`${path}/cancel`, {})).status).toBe(409);
    expect((await buyer.post(`${path}/pay`, {})).location).toBe(path);
  });

  it("is paid once, though its button is pressed again", async () => {
    const { buyer, pay, path } = await order("again");
    expect((await buyer.post(`${path}/pay`, {})).location).toBe(pay);
    expect(desk.opened.filter(({ beaconName }) => beaconName === "again")).toHaveLength(1);
  });

  it("is kept when the payment cannot be opened, and can be paid later", async () => {
    desk.isAway = true;
    const buyer = createBuyer(hub.url);
    const answer = await buyer.post("/order", { ...wanted, name: "later" });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("Your order is kept");
    const path = /action="(\/order\/[^"]+)\/pay"/.exec(answer.text)?.[1] ?? "";
    expect(answer.text).toContain(`action="${path}/cancel"`);
    // Whoever knows the page may pay. What else can be done there is for the buyer alone.
    const friend = await createBuyer(hub.url).post(`${path}/pay`, {});
    expect(friend.status).toBe(503);
    expect(friend.text).not.toContain("/cancel");
    desk.isAway = false;
    expect((await buyer.post(`${path}/pay`, {})).location).toContain(desk.checkout.origin);
    expect(await jobsOf(hub, "later")).toHaveLength(1);
  });

  it("that is cancelled takes no money any more", async () => {
    const { buyer, path } = await order("never");
    expect((await buyer.post(`${path}/cancel`, {})).status).toBe(303);
    expect(desk.closed).toContain(path.split("/").at(-1));
    await expect.poll(() => available("never")).toBe(true);
  });

  it("that is paid in the moment of its cancel is not cancelled", async () => {
    const { buyer, pay, path } = await order("close-call");
    await fetch(pay, { method: "POST", redirect: "manual" });
    expect((await buyer.post(`${path}/cancel`, {})).status).toBe(409);
    await expect.poll(() => stateOf(hub, "close-call")).toMatch(working);
  });

  it("that an operator approves needs no payment", async () => {
    await order("gift");
    const [job] = await jobsOf(hub, "gift");
    expect((await (await hub.operator()).post(`/api/jobs/${job?.id}/approve`)).status).toBe(202);
    await expect.poll(() => stateOf(hub, "gift")).toMatch(working);
  });

  it("survives the hub's restart, and gives its name back when nobody pays in time", async () => {
    await order("slow");
    await hub.restart();
    expect(await available("slow")).toBe(false);
    hub.advance(HOUR_MS);
    await hub.restart();
    // Whoever pays in the last minute must find the name.
    expect(await available("slow")).toBe(false);
    hub.advance(HOUR_MS / 6);
    await hub.restart();
    await expect.poll(() => available("slow")).toBe(true);
    expect(await stateOf(hub, "slow")).toBe("CANCELLED");
    expect((await jobsOf(hub, "slow"))[0]?.events.at(-2)?.message).toBe("The payment did not come in time.");
  });
});
