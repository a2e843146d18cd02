import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clockOf, signed } from "#hub/providers/ovh/signing.ts";
import { ovhProvider } from "#hub/providers/ovh.ts";
import { newBeacon, orderFor } from "#test/contracts/provider-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { type SimulatedOvh, startOvh } from "#test/simulators/ovh.ts";

const keys = { applicationKey: "AK", applicationSecret: "AS", consumerKey: "CK" };

describe("a signature for OVHcloud", () => {
  it("covers who asks, what, where and when", () => {
    const request = { method: "POST", url: "https://eu.api.ovh.com/1.0/cloud?a=b", body: '{"é":1}' };
    const text = 'AS+CK+POST+https://eu.api.ovh.com/1.0/cloud?a=b+{"é":1}+1700000000';
    expect(signed(request, keys, 1_700_000_000)).toEqual({
      "x-ovh-application": "AK",
      "x-ovh-consumer": "CK",
      "x-ovh-timestamp": "1700000000",
      "x-ovh-signature": `$1$${createHash("sha1").update(text, "utf8").digest("hex")}`,
    });
  });

  it("is made by the clock of who checks it, which is asked once", async () => {
    let asked = 0;
    let now = 1_000_000;
    const clock = clockOf(
      async () => {
        asked += 1;
        return 5000;
      },
      () => now,
    );
    expect(await Promise.all([clock.nowS(), clock.nowS()])).toEqual([5000, 5000]);
    now += 7900;
    expect(await clock.nowS()).toBe(5007);
    expect(asked).toBe(1);
    clock.forget();
    expect(await clock.nowS()).toBe(5000);
  });

  it("is tried again with another time when that could not be had", async () => {
    const answers = [Promise.reject(new Error("not now")), Promise.resolve(60)];
    const clock = clockOf(
      () => answers.shift() ?? Promise.resolve(0),
      () => 0,
    );
    await expect(clock.nowS()).rejects.toThrow("not now");
    expect(await clock.nowS()).toBe(60);
  });
});

describe.skipIf(!hasContracts())(hasContracts() ? "a project at OVHcloud" : NO_CONTRACTS, () => {
  let ovh: SimulatedOvh;
  beforeEach(async () => {
    ovh = await startOvh();
  });
  afterEach(async () => {
    expect(ovh.violations).toEqual([]);
    await ovh.stop();
  });
  const open = (over: object = {}) =>
    ovhProvider.open({ ...ovh.credentials, ...over }, { endpoint: `${ovh.url}/1.0`, ...ovh.clock });

  it.each([["applicationKey"], ["applicationSecret"], ["consumerKey"]])(
    "says it when the %s is wrong",
    async (name) => {
      await expect(open({ [name]: "wrong" }).list()).rejects.toMatchObject({ code: "provider_credentials" });
    },
  );

  it("signs on when one of the clocks was set meanwhile", async () => {
    const provider = open();
    await provider.list();
    ovh.setClock(7200);
    expect(await provider.list()).toEqual([]);
    ovh.setClock(-7200);
    await expect(provider.create(orderFor(newBeacon()))).resolves.toMatchObject({ status: "starting" });
  });

  it("begins the name with that of the machine, and finds each size by its name in each region", async () => {
    const beacon = newBeacon();
    const { id } = await open().create(orderFor(beacon, { region: "DE1", size: "b3-8" }));
    expect(ovh.nameOf(id)).toBe(`ada.wopr-r0-${beacon.replace("beacon_", "")}`);
    expect(await open().get(id)).toMatchObject({ region: "DE1", size: "b3-8" });
    expect(await open().list()).toMatchObject([{ id, region: "DE1", size: "b3-8" }]);
  });

  it("makes a disk larger, and says that there is no way back", async () => {
    const { id } = await open().create(orderFor(newBeacon(), { size: "b3-8" }));
    await open().resize(id, "b3-16");
    expect(await open().get(id)).toMatchObject({ size: "b3-16", status: "active" });
    const problem = await open()
      .resize(id, "b3-8")
      .catch((thrown: unknown) => thrown);
    expect(problem).toMatchObject({ code: "provider_refused", hint: expect.stringContaining("100 GB") });
    expect(await open().get(id)).toMatchObject({ size: "b3-16", status: "active" });
  });

  it("does not wait for an instance that has failed, which can be removed all the same", async () => {
    const { id } = await open().create(orderFor(newBeacon()));
    ovh.breakDown(id);
    expect(await open().get(id)).toMatchObject({ status: "starting", log: expect.stringContaining("ERROR") });
    const before = ovh.clock.now();
    await expect(open().power(id, true)).rejects.toMatchObject({ code: "provider_refused" });
    expect(ovh.clock.now()).toBe(before);
    await open().remove(id);
    expect(await open().get(id)).toBeUndefined();
  });
});
