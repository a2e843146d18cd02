import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contaboProvider } from "#hub/providers/contabo.ts";
import { newBeacon, orderFor } from "#test/contracts/provider-under-test.ts";
import { type SimulatedContabo, startContabo } from "#test/simulators/contabo.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "an account at Contabo" : NO_CONTRACTS, () => {
  let contabo: SimulatedContabo;
  beforeEach(async () => {
    contabo = await startContabo();
  });
  afterEach(async () => {
    expect(contabo.violations).toEqual([]);
    expect(contabo.faultsLeft).toBe(0);
    await contabo.stop();
  });
  const open = (over: object = {}) =>
    contaboProvider.open({ ...contabo.credentials, ...over }, { endpoint: contabo.url, ...contabo.clock });
  const asked = (pattern: RegExp) => contabo.requests.filter(({ method, path }) => pattern.test(`${method} ${path}`));

  it("gets one token for all that happens at a time, and another before it dies", async () => {
    const provider = open();
    await Promise.all([provider.list(), provider.regions(), provider.find({ "wopr-beacon": newBeacon() })]);
    await provider.list();
    expect(contabo.tokensIssued()).toBe(1);
    contabo.clock.pass(280_000);
    await provider.list();
    expect(contabo.tokensIssued()).toBe(2);
  });

  it("gets another token when one was taken back, and does what was asked once", async () => {
    const provider = open();
    await provider.list();
    contabo.revokeTokens();
    const { id } = await provider.create(orderFor(newBeacon()));
    expect((await provider.list()).map((vps) => vps.id)).toEqual([id]);
  });

  it.each([["clientSecret"], ["apiPassword"], ["apiUser"], ["clientId"]])(
    "says it when the %s is wrong",
    async (name) => {
      await expect(open({ [name]: "wrong" }).list()).rejects.toMatchObject({ code: "provider_credentials" });
    },
  );

  it("gets no token while there is none to be had, and one later", async () => {
    const provider = open();
    contabo.fail(/^POST \/auth/, ...Array.from({ length: 16 }, () => ({ kind: "answer", status: 503 }) as const));
    await expect(provider.list()).rejects.toMatchObject({ code: "provider_unavailable" });
    expect(await provider.list()).toEqual([]);
  });

  it("names each request anew, as its support wants it", async () => {
    await open().create(orderFor(newBeacon()));
    const ids = asked(/ \/v1\//).map(({ headers }) => headers.get("x-request-id"));
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("tells both addresses, once there are any", async () => {
    const { id, dialsFrom } = await open().create(orderFor(newBeacon()));
    expect(dialsFrom).toBeUndefined();
    expect((await open().get(id))?.dialsFrom).toBeUndefined();
    contabo.clock.pass(60_000);
    expect((await open().get(id))?.dialsFrom).toEqual([
      expect.stringMatching(/^207\.180\.0\.\d+$/),
      expect.stringMatching(/^2a02:c207:[0-9a-f:]+$/),
    ]);
  });

  it("takes back what cannot be delivered, also when it hears of that later", async () => {
    const beacon = newBeacon();
    contabo.sellOut(true);
    contabo.fail(contabo.creating, { kind: "lost" });
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject({ code: "provider_unavailable" });
    const [undelivered] = await open().list();
    expect(undelivered?.log).toContain("product_not_available");
    await expect(open().create(orderFor(beacon))).rejects.toMatchObject({ code: "provider_out_of_stock" });
    expect(await open().list()).toEqual([]);
    expect(contabo.endsAt?.(undelivered?.id ?? "")).toBeDefined();
    expect(asked(contabo.creating)).toHaveLength(1);
  });

  it("switches off what it removes, and cancels it once, however often it is asked", async () => {
    const { id } = await open().create(orderFor(newBeacon()));
    contabo.clock.pass(60_000);
    contabo.fail(/^PATCH /, { kind: "refused" });
    await expect(open().remove(id)).rejects.toMatchObject({ code: "provider_unavailable" });
    expect((await open().get(id))?.id).toBe(id);
    await open().remove(id);
    await open().remove(id);
    expect(asked(/\/cancel$/)).toHaveLength(1);
    contabo.clock.pass(60_000);
    expect(contabo.statusOf(id)).toBe("stopped");
    contabo.clock.pass(30 * 86_400_000);
    expect(contabo.has(id)).toBe(false);
  });
});
