import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { Problem } from "#shared/problem.ts";
import {
  isActive,
  isRidOf,
  mortalFetch,
  newBeacon,
  orderFor,
  type ProviderUnderTest,
  untilVps,
  type VendorUnderTest,
} from "./provider-under-test.ts";

type Subject = ProviderUnderTest & { readonly vendor: VendorUnderTest };

/** A provider's tests that take a vendor which can be made to fail. */
export function vendorContract(subjectOf: () => ProviderUnderTest) {
  const on = (title: string, run: (subject: Subject) => Promise<void>) =>
    test(title, async () => {
      const subject = subjectOf();
      const { vendor } = subject;
      if (vendor === undefined) throw new Error("this provider has no vendor");
      await run({ ...subject, vendor });
    });

  /** Once for a hub that dies right before a request, and once for one that dies right after. */
  const onDeath = (title: string, run: (subject: Subject, moment: "before" | "after") => Promise<void>) => {
    for (const moment of ["before", "after"] as const)
      on(title.replace("%s", moment), (subject) => run(subject, moment));
  };

  /** Where a VPS has one size for life it says so, and leaves it as it is. */
  const onResize = (title: string, run: (subject: Subject) => Promise<void>) =>
    on(title, async (subject) => {
      const { kind, sizes } = subject.vendor;
      if (!kind.lacks?.includes("resize")) return run(subject);
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon(), { size: sizes.small }));
      await untilVps(subject, provider, id, isActive);
      const problem = await provider.resize(id, sizes.large).catch((thrown: unknown) => thrown);
      expect(problem).toMatchObject({ code: "provider_refused", hint: expect.any(String) });
      expect(await provider.get(id)).toMatchObject({ status: "active", size: sizes.small });
      await provider.power(id, false);
      await provider.resize(id, sizes.small);
      expect(await provider.get(id)).toMatchObject({ status: "active", size: sizes.small });
      return provider.remove(id);
    });
  const onDeathInResize: typeof onDeath = (title, run) => {
    for (const moment of ["before", "after"] as const)
      onResize(title.replace("%s", moment), (subject) => run(subject, moment));
  };

  describe("over its vendor's API", () => {
    afterEach(() => {
      const simulator = subjectOf().vendor?.simulator;
      simulator?.sellOut(false);
      simulator?.allowMore(1000);
      expect(simulator?.violations ?? []).toEqual([]);
      expect(simulator?.faultsLeft ?? 0).toBe(0);
    });

    on("makes no second VPS when the vendor made one and its answer was lost", async ({ open, vendor }) => {
      const { simulator } = vendor;
      const beacon = newBeacon();
      simulator.fail(simulator.creating, { kind: "lost" });
      await expect(open().create(orderFor(beacon))).rejects.toMatchObject({ code: "provider_unavailable" });
      const { id } = await open().create(orderFor(beacon));
      expect((await open().list()).filter(({ labels }) => labels["wopr-beacon"] === beacon)).toHaveLength(1);
      await open().remove(id);
      simulator.clock.pass(60_000);
      expect(isRidOf(vendor, id)).toBe(true);
    });

    on("waits as long as the vendor says, and then goes on", async ({ open, vendor: { simulator } }) => {
      const provider = open();
      await provider.list();
      const beacon = newBeacon();
      const before = simulator.clock.now();
      simulator.fail(simulator.creating, simulator.tooFast(7));
      simulator.fail(/^GET/, simulator.tooFast(3));
      const { id } = await provider.create(orderFor(beacon));
      expect(simulator.clock.now() - before).toBeGreaterThanOrEqual(10_000);
      expect(simulator.clock.now() - before).toBeLessThan(30_000);
      await provider.remove(id);
    });

    on("does not wait for who wants to be left alone for an hour, and says for how long", async (subject) => {
      const { simulator } = subject.vendor;
      const provider = subject.open();
      await provider.list();
      const before = simulator.clock.now();
      simulator.fail(/^GET/, simulator.tooFast(3600));
      const problem = await provider.list().catch((thrown: unknown) => thrown);
      expect(problem).toMatchObject({ code: "provider_unavailable", details: { retryAfterMs: 3_600_000 } });
      expect(simulator.clock.now()).toBe(before);
    });

    on("reads again what the vendor could not say at first, and orders nothing twice", async (subject) => {
      const { simulator } = subject.vendor;
      const provider = subject.open();
      await provider.list();
      simulator.fail(/^GET/, { kind: "answer", status: 503 }, { kind: "refused" });
      await provider.list();
      simulator.fail(simulator.creating, { kind: "answer", status: 500, body: "<html>Bad Gateway</html>" });
      const asked = () =>
        simulator.requests.filter(({ method, path }) => simulator.creating.test(`${method} ${path}`)).length;
      const before = asked();
      const beacon = newBeacon();
      await expect(provider.create(orderFor(beacon))).rejects.toMatchObject({ code: "provider_unavailable" });
      expect(asked() - before).toBe(1);
      expect(await provider.find({ "wopr-beacon": beacon })).toBeUndefined();
    });

    on("says that the credentials are wrong, and never which", async ({ vendor: { openAs, simulator } }) => {
      const secret = `wrong-${randomBytes(16).toString("hex")}`;
      const refused = openAs(secret);
      const id = simulator.rentByHand();
      const calls = [
        () => refused.list(),
        () => refused.create(orderFor(newBeacon())),
        () => refused.find({ "wopr-beacon": newBeacon() }),
        () => refused.get(id),
        () => refused.remove(id),
      ];
      for (const call of calls) {
        const problem = await call().catch((thrown: unknown) => thrown);
        if (!(problem instanceof Problem)) throw new Error(`no problem: ${JSON.stringify(problem)}`);
        expect(problem.code).toBe("provider_credentials");
        expect(problem.hint).toContain("credentials");
        expect(`${JSON.stringify(problem)}${problem.stack}${String(problem.cause)}`).not.toContain(secret);
      }
    });

    on("says no secret that the vendor repeats", async ({ vendor: { openAs, simulator } }) => {
      const secret = `echoed-${randomBytes(16).toString("hex")}`;
      const body = {
        error: { code: "x", message: secret, error_code: "x", error_message: secret },
        message: secret,
        errors: [{ reason: secret }],
        id: secret,
      };
      simulator.fail(/./, { kind: "answer", status: 400, body });
      const problem = await openAs(secret)
        .list()
        .catch((thrown: unknown) => thrown);
      expect(problem).toBeInstanceOf(Problem);
      expect(JSON.stringify(problem)).not.toContain(secret);
    });

    on(
      "says that there is nothing left, and makes nothing; later there is",
      async ({ open, vendor: { simulator } }) => {
        const beacon = newBeacon();
        simulator.sellOut(true);
        await expect(open().create(orderFor(beacon))).rejects.toMatchObject({ code: "provider_out_of_stock" });
        simulator.sellOut(false);
        expect(await open().find({ "wopr-beacon": beacon })).toBeUndefined();
        const { id } = await open().create(orderFor(beacon));
        await open().remove(id);
      },
    );

    on("says that the account may have no more", async ({ open, vendor: { simulator } }) => {
      simulator.allowMore(0);
      await expect(open().create(orderFor(newBeacon()))).rejects.toMatchObject({ code: "provider_quota" });
    });

    on("has sizes for all tiers, large enough, where it rents by default", async ({ open, vendor: { kind } }) => {
      const provider = open();
      expect((await provider.regions()).map(({ name }) => name)).toContain(kind.defaultRegion);
      const sizes = await provider.sizes(kind.defaultRegion);
      for (const [tier, memoryMb] of [
        ["t1", 4000],
        ["t2", 8000],
        ["t3", 15_000],
      ] as const) {
        const size = sizes.find(({ name }) => name === kind.defaultSizes[tier]);
        expect(size?.memoryMb, `${tier}: ${kind.defaultSizes[tier]}`).toBeGreaterThanOrEqual(memoryMb);
      }
      expect(await provider.sizes("atlantis-1")).toEqual([]);
    });

    on("refuses a region that there is not", async ({ open }) => {
      const order = orderFor(newBeacon(), { region: "atlantis-1" });
      await expect(open().create(order)).rejects.toMatchObject({ code: "provider_refused" });
    });

    on("has user data arrive whole, 16 KiB of it, and a first start understand it", async (subject) => {
      const { simulator, starts } = subject.vendor;
      const provider = subject.open();
      const small = orderFor(newBeacon());
      const content = randomBytes(16 * 1024)
        .toString("base64")
        .slice(0, 16_000);
      const large = `#cloud-config\n${JSON.stringify({ write_files: [{ path: "/etc/wopr/large", content }] })}\n`;
      const orders = [
        small,
        orderFor(newBeacon(), { userData: { cloudConfig: large, script: `#!/bin/bash\n# ${content}\n` } }),
      ];
      for (const order of orders) {
        const { id } = await provider.create(order);
        await untilVps(subject, provider, id, isActive);
        expect(simulator.firstBootOf(id)).toEqual({ userData: order.userData[starts], outcome: "fine" });
        await provider.remove(id);
      }
    });

    on("finds out user data that no first start would understand", async (subject) => {
      const { simulator, starts } = subject.vendor;
      if (starts !== "cloudConfig") return;
      const provider = subject.open();
      const userData = { cloudConfig: "#cloud-config\nwrite_files: [\n", script: "" };
      const { id } = await provider.create(orderFor(newBeacon(), { userData }));
      await untilVps(subject, provider, id, isActive);
      expect(simulator.firstBootOf(id)?.outcome).toContain("no YAML");
      await provider.remove(id);
    });

    on("leaves alone what somebody else rents in the same account", async ({ open, vendor: { simulator, sizes } }) => {
      const provider = open();
      const id = simulator.rentByHand();
      expect((await provider.list()).map((vps) => vps.id)).not.toContain(id);
      expect(await provider.get(id)).toBeUndefined();
      await provider.remove(id);
      await expect(provider.power(id, false)).rejects.toMatchObject({ code: "not_found" });
      await expect(provider.resize(id, sizes.large)).rejects.toMatchObject({ code: "not_found" });
      simulator.clock.pass(120_000);
      expect(simulator.has(id)).toBe(true);
      const asked = simulator.requests.filter(({ method, path }) => method !== "GET" && path.includes(`/${id}`));
      expect(asked).toEqual([]);
    });

    onResize("gives a VPS another size and the way back, and leaves it running", async (subject) => {
      const { sizes } = subject.vendor;
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon(), { size: sizes.small }));
      await untilVps(subject, provider, id, isActive);
      for (const size of [sizes.large, sizes.large, sizes.small]) {
        await provider.resize(id, size);
        const vps = await untilVps(subject, provider, id, isActive);
        expect(vps?.size).toBe(size);
      }
      await provider.remove(id);
    });

    onResize("leaves a VPS running whose new size cannot be had", async (subject) => {
      const { simulator, sizes } = subject.vendor;
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon(), { size: sizes.small }));
      await untilVps(subject, provider, id, isActive);
      simulator.sellOut(true);
      await expect(provider.resize(id, sizes.large)).rejects.toMatchObject({ code: "provider_out_of_stock" });
      simulator.sellOut(false);
      expect((await untilVps(subject, provider, id, isActive))?.size).toBe(sizes.small);
      await provider.remove(id);
    });

    onDeathInResize("finishes a resize when the hub died %s any of its requests", async (subject, moment) => {
      const { sizes } = subject.vendor;
      const { id } = await subject.open().create(orderFor(newBeacon(), { size: sizes.small }));
      await untilVps(subject, subject.open(), id, isActive);
      for (let nth = 1, size = sizes.large; ; nth++, size = size === sizes.large ? sizes.small : sizes.large) {
        const { fetch, hasDied } = mortalFetch(nth, moment);
        await subject
          .open(fetch)
          .resize(id, size)
          .catch((problem: unknown) => problem);
        if (!hasDied()) break;
        await subject.open().resize(id, size);
        expect((await untilVps(subject, subject.open(), id, isActive))?.size).toBe(size);
        expect(nth).toBeLessThan(20);
      }
      await subject.open().remove(id);
    });

    onDeath("makes one VPS, and removes it, when the hub died %s any request", async (subject, moment) => {
      const { simulator } = subject.vendor;
      for (let nth = 1; ; nth++) {
        const beacon = newBeacon();
        const making = mortalFetch(nth, moment);
        await subject
          .open(making.fetch)
          .create(orderFor(beacon))
          .catch((problem: unknown) => problem);
        const { id } = await subject.open().create(orderFor(beacon));
        const ofBeacon = (await subject.open().list()).filter(({ labels }) => labels["wopr-beacon"] === beacon);
        expect(ofBeacon.map((vps) => vps.id)).toEqual([id]);
        const removing = mortalFetch(nth, moment);
        await subject
          .open(removing.fetch)
          .remove(id)
          .catch((problem: unknown) => problem);
        await subject.open().remove(id);
        expect(await subject.open().get(id)).toBeUndefined();
        simulator.clock.pass(60_000);
        expect(isRidOf(subject.vendor, id)).toBe(true);
        if (!making.hasDied() && !removing.hasDied()) break;
        expect(nth).toBeLessThan(20);
      }
    });

    on("lists more than a page", async ({ open, vendor }) => {
      const { simulator } = vendor;
      const provider = open();
      const beacon = newBeacon();
      const made = [];
      for (let round = 0; round < 60; round++) {
        const labels = { "wopr-beacon": beacon, "wopr-round": String(round) };
        made.push((await provider.create(orderFor(beacon, { labels }))).id);
      }
      const listed = (await provider.list()).filter(({ labels }) => labels["wopr-beacon"] === beacon);
      expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(made));
      simulator.clock.pass(600_000);
      await Promise.all(made.map((id) => provider.remove(id)));
      simulator.clock.pass(60_000);
      expect(made.filter((id) => !isRidOf(vendor, id))).toEqual([]);
    });
  });
}
