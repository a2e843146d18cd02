import { isIPv6 } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "#hub/providers/provider.ts";
import { isActive, newBeacon, orderFor, type ProviderUnderTest, untilVps } from "./provider-under-test.ts";
import { vendorContract } from "./provider-vendor.ts";

/**
 * What every provider promises (`hub/providers/provider.ts`), checked over its public methods alone.
 * @param hasVendor Whether it stands on a vendor's API, which is made to fail.
 */
export function providerContract(title: string, make: () => Promise<ProviderUnderTest>, { hasVendor = true } = {}) {
  describe(`the provider ${title}`, () => {
    let subject: ProviderUnderTest;
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject.dispose());

    const untilActive = (provider: Provider, id: string) => untilVps(subject, provider, id, isActive);

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
      const { dialsFrom, address6 } = (await untilActive(provider, created.id)) ?? {};
      if (provider.tells.includes("addresses")) expect(dialsFrom).toEqual(expect.arrayContaining([expect.any(String)]));
      else expect(dialsFrom).toBeUndefined();
      // Each vendor gives one; a VPS on this machine has none of its own.
      if (subject.vendor === undefined) expect(address6).toBeUndefined();
      else expect([isIPv6(address6 ?? ""), dialsFrom?.includes(address6 ?? "")]).toEqual([true, true]);
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
      const labels = { "wopr-beacon": beacon, "wopr-round": "1" };
      const second = await provider.create(orderFor(beacon, { labels }));
      expect((await provider.find({ "wopr-beacon": beacon }))?.labels["wopr-round"]).toBe("1");
      await provider.remove(second.id);
    });

    test("gives the newest of several, and lists them all", async () => {
      const provider = subject.open();
      const beacon = newBeacon();
      const made = [];
      for (const round of ["0", "1", "10", "9"]) {
        const labels = { "wopr-beacon": beacon, "wopr-round": round };
        made.push(await provider.create(orderFor(beacon, { labels })));
      }
      expect((await provider.find({ "wopr-beacon": beacon }))?.labels["wopr-round"]).toBe("10");
      const listed = (await provider.list()).filter(({ labels }) => labels["wopr-beacon"] === beacon);
      expect(listed.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
      await Promise.all(made.map(({ id }) => provider.remove(id)));
      expect((await provider.list()).filter(({ labels }) => labels["wopr-beacon"] === beacon)).toEqual([]);
    });

    test("switches a VPS off and on, and does nothing when it is so already", async () => {
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon()));
      await untilActive(provider, id);
      await provider.power(id, true);
      await provider.power(id, false);
      await untilVps(subject, provider, id, (vps) => vps?.status === "off");
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
      await expect(provider.resize(id, "any")).rejects.toMatchObject({ code: "not_found" });
    });

    test("makes several at the same moment, each for itself", async () => {
      const provider = subject.open();
      const made = await Promise.all([1, 2, 3].map(() => provider.create(orderFor(newBeacon()))));
      expect(new Set(made.map(({ id }) => id)).size).toBe(3);
      await Promise.all(made.map(({ id }) => provider.remove(id)));
    });

    test("tells its regions, and what can be ordered in each", async () => {
      const provider = subject.open();
      const regions = await provider.regions();
      expect(regions.length).toBeGreaterThan(0);
      for (const { name, title: people, country } of regions) {
        expect(people).not.toBe("");
        if (country !== undefined) expect(country).toMatch(/^[A-Z]{2}$/);
        for (const size of await provider.sizes(name)) {
          for (const amount of [size.vcpus, size.memoryMb, size.diskGb]) {
            expect(Number.isInteger(amount) && amount > 0, `${size.name}: ${amount}`).toBe(true);
          }
          if (size.regions !== undefined) expect(size.regions).toContain(name);
          if (size.monthlyCents === undefined) continue;
          expect(Number.isInteger(size.monthlyCents) && size.monthlyCents > 0).toBe(true);
          expect(size.currency).toMatch(/^[A-Z]{3}$/);
        }
      }
    });

    test("refuses a size that there is not, and leaves the VPS running", async () => {
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon()));
      await untilActive(provider, id);
      await expect(provider.resize(id, "no-such-size")).rejects.toMatchObject({ code: "provider_refused" });
      await untilActive(provider, id);
      await provider.remove(id);
    });

    if (hasVendor) vendorContract(() => subject);
  });
}
