import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { openAccount, type TestAccount } from "./account.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "what Stripe is to make" : NO_CONTRACTS, () => {
  let account: TestAccount;
  beforeEach(async () => {
    account = await openAccount(undefined);
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });
  const make = () =>
    account.stripe.make("key", (api, options) => api.customers.create({ email: "ada@example.org" }, options));
  const made = () => account.simulator.world.customers.all().map(({ id }) => id);

  it("is made once, however often it is asked for, also when the answer was lost", async () => {
    account.simulator.fail(/^POST \/customers/, ...Array.from({ length: 3 }, () => ({ kind: "lost" }) as const));
    await expect(make()).rejects.toMatchObject({ code: "billing_unavailable" });
    const { id } = await make();
    expect((await make()).id).toBe(id);
    expect(made()).toEqual([id]);
  });

  it("is made by the next attempt after a failure that Stripe keeps for a day, and once from there on", async () => {
    account.simulator.breakDown(/^\/v1\/customers$/, "not-done");
    await expect(make()).rejects.toMatchObject({ code: "billing_unavailable", details: { status: 500 } });
    const { id } = await make();
    expect((await make()).id).toBe(id);
    expect(made()).toEqual([id]);
  });
});
