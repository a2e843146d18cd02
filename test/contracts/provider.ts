import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider, VpsOrder } from "#hub/providers/provider.ts";
import { userDataOf } from "#test/fixtures/user-data.ts";
import { until } from "#test/hub/provisioning/until.ts";

export interface ProviderUnderTest {
  /** The provider as a hub makes it at its start; each call is a new one over the same account. */
  readonly open: () => Provider;
  /** Removes what the tests may have left. */
  readonly dispose: () => Promise<void>;
}

/** What every provider promises (`hub/providers/provider.ts`), checked over its public methods alone. */
export function providerContract(title: string, make: () => Promise<ProviderUnderTest>) {
  describe(`the provider ${title}`, () => {
    let subject: ProviderUnderTest;
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject.dispose());

    const orderFor = (beacon: string, round = "0"): VpsOrder => {
      const bootstrap = { hub: "http://127.0.0.1:9", enrolmentToken: `token-${randomUUID()}` };
      const labels = { "wopr-beacon": beacon, "wopr-round": round };
      return { name: "ada", labels, bootstrap, userData: userDataOf(bootstrap) };
    };
    const newBeacon = () => `beacon_${randomUUID()}`;
    const untilActive = (provider: Provider, id: string) =>
      until(
        () => provider.get(id),
        (vps) => vps?.status === "active" && vps.address !== undefined,
      );

    test("makes a VPS that gets active and has an address", async () => {
      const provider = subject.open();
      const beacon = newBeacon();
      const created = await provider.create(orderFor(beacon));
      const active = await untilActive(provider, created.id);
      expect(active).toMatchObject({ id: created.id, labels: { "wopr-beacon": beacon, "wopr-round": "0" } });
      await provider.remove(created.id);
    });

    test("tells in the end what it says that it tells: its id, and from where it reaches others", async () => {
      const provider = subject.open();
      const created = await provider.create(orderFor(newBeacon()));
      const { dialsFrom } = (await untilActive(provider, created.id)) ?? {};
      if (provider.tells.includes("addresses")) expect(dialsFrom).toEqual(expect.arrayContaining([expect.any(String)]));
      else expect(dialsFrom).toBeUndefined();
      await provider.remove(created.id);
    });

    test("is found by its labels by a hub that knows nothing else, and by no other labels", async () => {
      const beacon = newBeacon();
      expect(await subject.open().find({ "wopr-beacon": beacon })).toBeUndefined();
      const { id } = await subject.open().create(orderFor(beacon));
      const later = subject.open();
      expect((await later.find({ "wopr-beacon": beacon }))?.id).toBe(id);
      expect((await later.find({ "wopr-beacon": beacon, "wopr-round": "0" }))?.id).toBe(id);
      expect(await later.find({ "wopr-beacon": beacon, "wopr-round": "1" })).toBeUndefined();
      expect(await later.find({ "wopr-beacon": newBeacon() })).toBeUndefined();
      await later.remove(id);
    });

    test("makes no second VPS when the answer to the first create was lost", async () => {
      const beacon = newBeacon();
      const first = await subject.open().create(orderFor(beacon));
      const provider = subject.open();
      expect((await provider.create(orderFor(beacon))).id).toBe(first.id);
      await provider.remove(first.id);
      expect(await provider.find({ "wopr-beacon": beacon })).toBeUndefined();
    });

    test("makes another VPS for another round", async () => {
      const provider = subject.open();
      const beacon = newBeacon();
      const first = await provider.create(orderFor(beacon));
      await provider.remove(first.id);
      const second = await provider.create(orderFor(beacon, "1"));
      expect((await provider.find({ "wopr-beacon": beacon }))?.labels["wopr-round"]).toBe("1");
      await provider.remove(second.id);
    });

    test("switches a VPS off and on, and does nothing when it is so already", async () => {
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon()));
      await untilActive(provider, id);
      await provider.power(id, true);
      await provider.power(id, false);
      await until(
        () => provider.get(id),
        (vps) => vps?.status === "off",
      );
      await provider.power(id, false);
      await provider.power(id, true);
      await untilActive(provider, id);
      await provider.remove(id);
    });

    test("removes a VPS for good, however often it is asked", async () => {
      const provider = subject.open();
      const beacon = newBeacon();
      const { id } = await provider.create(orderFor(beacon));
      await provider.remove(id);
      expect(await provider.get(id)).toBeUndefined();
      expect(await provider.find({ "wopr-beacon": beacon })).toBeUndefined();
      await provider.remove(id);
      await expect(provider.power(id, true)).rejects.toMatchObject({ code: "not_found" });
    });

    test("makes several at the same moment, each for itself", async () => {
      const provider = subject.open();
      const made = await Promise.all([1, 2, 3].map(() => provider.create(orderFor(newBeacon()))));
      expect(new Set(made.map(({ id }) => id)).size).toBe(3);
      await Promise.all(made.map(({ id }) => provider.remove(id)));
    });
  });
}
