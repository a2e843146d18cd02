import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportOf } from "#cli/commands/reconcile.ts";
import { hetznerProvider } from "#hub/providers/hetzner.ts";
import { beaconIdOf } from "#hub/provisioning/derived-ids.ts";
import { ReconcileView } from "#shared/api/reconcile.ts";
import { orderFor } from "#test/contracts/provider-under-test.ts";
import { startShop, type TestShop } from "#test/hub/billing/shop.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { type SimulatedHetzner, startHetzner } from "#test/simulators/hetzner.ts";

const QUIET_MS = 600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "wopr reconcile" : NO_CONTRACTS, () => {
  let hetzner: SimulatedHetzner;
  let shop: TestShop;
  let ticking: NodeJS.Timeout;
  beforeAll(async () => {
    hetzner = await startHetzner();
    shop = await startShop({ vendorEndpoints: { hetzner: `${hetzner.url}/v1` } });
    // Its credentials alone: orders go to this machine.
    const account = { enabled: false, weight: 40, credentials: hetzner.credentials };
    expect(await (await shop.hub.operator()).put("/api/providers/hetzner", account)).toMatchObject({ status: 200 });
    // The hub lives by the clock on the wall, so that the vendor's has to run.
    ticking = setInterval(() => hetzner.clock.pass(1000), 50);
  });
  afterAll(async () => {
    clearInterval(ticking);
    await shop.stop();
    await hetzner.stop();
    expect([...shop.stripe.violations, ...hetzner.violations]).toEqual([]);
  });

  const main = join(import.meta.dirname, "../../cli/main.ts");
  const run = (...argv: string[]): Promise<{ code: number; out: string; said: string }> =>
    new Promise((resolve) => {
      const socket = join(shop.hub.config.dataDirectory, "root.sock");
      execFile(process.execPath, [main, "reconcile", ...argv, "--hub", socket], (error, out, said) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, said }),
      );
    });
  const rent = async (beacon: string) => {
    const provider = hetznerProvider.open(hetzner.credentials, { ...hetzner.clock, endpoint: `${hetzner.url}/v1` });
    return (await provider.create(orderFor(beacon))).id;
  };

  it("ends with 0 and says that all agree, when it is so", async () => {
    expect(await run()).toEqual({ code: 0, out: "", said: "Stripe, the providers and the books agree.\n" });
    expect(await run("--json")).toMatchObject({ code: 0, out: expect.stringContaining('"findings":[]') });
  });

  it("ends with 3 when something stands, says what it costs and what to do, and puts right what is certain", async () => {
    const { job } = await shop.order("ada");
    await (await shop.hub.operator()).post(`/api/jobs/${job}/cancel`);
    await expect.poll(async () => (await shop.job(job)).finishedAt).toBeDefined();
    const [left, foreign] = [await rent(beaconIdOf(job)), await rent("beacon_0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f")];
    await shop.pass(QUIET_MS + 1000);

    const listed = await run();
    expect(listed).toMatchObject({ code: 3, said: "" });
    expect(listed.out).toMatch(new RegExp(`^orphan-vps +${left} +€\\d+\\.\\d\\d +20\\d\\d-`, "m"));
    expect(listed.out).toContain("A server of ada is left over\n  Its order was cancelled on 20");
    expect(hetzner.has(left)).toBe(true);

    const fixed = await run("--fix");
    expect(fixed).toMatchObject({ code: 3, said: "A server of ada is left over: It is removed.\n" });
    expect(fixed.out).not.toContain(left);
    expect(fixed.out).toContain(foreign);
    expect(hetzner.has(foreign)).toBe(true);
    await expect.poll(() => hetzner.has(left), { timeout: 20_000 }).toBe(false);

    const operator = await shop.hub.operator();
    const view = ReconcileView.parse((await operator.get("/api/reconcile")).body);
    expect(view).toMatchObject({ checkedAt: expect.any(Number), findings: [{ subject: foreign }], fixed: [] });
    const { body } = await operator.get("/api/audit");
    expect(JSON.stringify(body)).toContain('"action":"vps.remove"');
  }, 240_000);

  it("is for operators alone", async () => {
    const owner = await shop.hub.owner("ada@example.org");
    expect(await owner.get("/api/reconcile")).toMatchObject({ status: 403 });
    expect(await owner.post("/api/reconcile", { fix: true })).toMatchObject({ status: 403 });
    expect(await shop.hub.client().post("/api/reconcile", { fix: true })).toMatchObject({ status: 401 });
    expect(await (await shop.hub.operator()).post("/api/reconcile", {})).toMatchObject({ status: 400 });
  });
});

describe("the report", () => {
  const finding = { id: "a", kind: "refund-owed", subject: "purchase_1", since: 0, resolvable: true } as const;
  const words = { title: "ada is owed", detail: "It was called off.", hint: "Wait." };

  it("says what failed when it was tried", () => {
    const problem = { code: "billing_unavailable", message: "Stripe does not answer" } as const;
    expect(reportOf([{ ...finding, ...words, problem }])).toContain(
      "ada is owed\n  It was called off.\n  It failed last: Stripe does not answer.\n  Wait.\n",
    );
  });

  it("leaves out what it does not know the cost of", () => {
    const [, first, second] = reportOf([
      { ...finding, ...words, monthlyCents: 449, currency: "EUR" },
      { ...finding, ...words },
    ]).split("\n");
    expect(first).toMatch(/^refund-owed {2}purchase_1 {2}€4.49 +\d{4}-/);
    expect(second).toMatch(/^refund-owed {2}purchase_1 {10}/);
  });
});
