import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hetznerProvider } from "#hub/providers/hetzner.ts";
import { uniqueName } from "#hub/providers/vendor/vps-labels.ts";
import { providerContract } from "#test/contracts/provider.ts";
import {
  isActive,
  newBeacon,
  orderFor,
  type ProviderUnderTest,
  untilVps,
} from "#test/contracts/provider-under-test.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { READ_ONLY_TOKEN, type SimulatedHetzner, startHetzner } from "#test/simulators/hetzner.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("Hetzner Cloud", async () =>
    vendorUnderTest({
      kind: hetznerProvider,
      simulator: await startHetzner(),
      basePath: "/v1",
      secret: "token",
      sizes: { small: "cx23", large: "cx33" },
    }),
  );

  describe("Hetzner Cloud", () => {
    let simulator: SimulatedHetzner;
    let subject: ProviderUnderTest;
    beforeAll(async () => {
      simulator = await startHetzner();
      const sizes = { small: "cx23", large: "cx33" };
      subject = vendorUnderTest({ kind: hetznerProvider, simulator, basePath: "/v1", secret: "token", sizes });
    });
    afterAll(() => subject.dispose());

    test("says of a token that only reads that it may too little", async () => {
      const reading = subject.vendor?.openAs(READ_ONLY_TOKEN);
      expect(await reading?.list()).toEqual([]);
      await expect(reading?.create(orderFor(newBeacon()))).rejects.toMatchObject({ code: "provider_credentials" });
    });

    test("sells neither what is not sold any more nor what is no x86", async () => {
      const names = (await subject.open().sizes()).map(({ name }) => name);
      expect(names).toEqual(["cx23", "cx33", "cx43"]);
      const [size] = await subject.open().sizes("hel1");
      expect(size).toMatchObject({ vcpus: 2, memoryMb: 4096, diskGb: 40, monthlyCents: 299, currency: "EUR" });
    });

    test("waits for what is under way on a server before it does anything else to it", async () => {
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon()));
      // It is locked while it is made.
      await Promise.all([provider.power(id, false), provider.power(id, false)]);
      expect((await provider.get(id))?.status).toBe("off");
      await provider.remove(id);
      expect(simulator.violations).toEqual([]);
    });

    test("switches off in the end what does not shut down when it is asked", async () => {
      const provider = subject.open();
      const { id } = await provider.create(orderFor(newBeacon()));
      await untilVps(subject, provider, id, isActive);
      const before = simulator.requests.length;
      // It says that it was asked; nobody on the server listens.
      simulator.ignoreShutdowns(true);
      await provider.power(id, false);
      const asked = simulator.requests.slice(before).filter(({ method }) => method === "POST");
      expect(asked.map(({ path }) => path.split("/").at(-1))).toEqual(["shutdown", "poweroff"]);
      expect((await provider.get(id))?.status).toBe("off");
      simulator.ignoreShutdowns(false);
      await provider.remove(id);
    });

    test("tells what its servers do in their first start, when it comes late, and another address than they have", async () => {
      const started: string[] = [];
      const slow = await startHetzner({
        onFirstBoot: ({ id, address }) => started.push(`${id} at ${address}`),
        extraBootMs: () => 600_000,
        tellsAddress: () => "203.0.113.251",
      });
      const { now, sleep } = slow.clock;
      const provider = hetznerProvider.open(slow.credentials, { endpoint: `${slow.url}/v1`, now, sleep });
      const { id } = await provider.create(orderFor(newBeacon()));
      slow.clock.pass(600_000);
      expect(started).toEqual([]);
      expect((await provider.get(id))?.status).toBe("starting");
      slow.clock.pass(60_000);
      expect(await provider.get(id)).toMatchObject({ status: "active", address: "203.0.113.251" });
      expect(started).toEqual([expect.stringMatching(new RegExp(`^${id} at 203\\.0\\.113\\.(?!251)`))]);
      await provider.power(id, false);
      await provider.power(id, true);
      slow.clock.pass(60_000);
      expect(started).toHaveLength(1);
      await slow.stop();
    });

    test("does not take somebody else's server of the same name for its own", async () => {
      const order = orderFor(newBeacon());
      simulator.rentByHand(uniqueName(order));
      await expect(subject.open().create(order)).rejects.toMatchObject({
        code: "provider_refused",
        details: { vendorCode: "uniqueness_error" },
      });
    });
  });
});
