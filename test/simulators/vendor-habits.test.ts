import { describe, expect, it } from "vitest";
import { contaboProvider } from "#hub/providers/contabo.ts";
import { hostingerProvider } from "#hub/providers/hostinger.ts";
import { ovhProvider } from "#hub/providers/ovh.ts";
import { upcloudProvider } from "#hub/providers/upcloud.ts";
import { newBeacon, orderFor } from "#test/contracts/provider-under-test.ts";
import { startContabo } from "./contabo.ts";
import { hasContracts, NO_CONTRACTS } from "./contract.ts";
import { startHostinger } from "./hostinger.ts";
import { startOvh } from "./ovh.ts";
import { startUpcloud } from "./upcloud.ts";

const vendors = [
  { kind: upcloudProvider, start: startUpcloud, path: "/1.3", starts: "cloudConfig" },
  { kind: ovhProvider, start: startOvh, path: "/1.0", starts: "cloudConfig" },
  { kind: contaboProvider, start: startContabo, path: "", starts: "cloudConfig" },
  { kind: hostingerProvider, start: startHostinger, path: "", starts: "script" },
] as const;

describe.skipIf(!hasContracts())(hasContracts() ? "a simulated vendor with habits" : NO_CONTRACTS, () => {
  it.each(vendors)(
    "$kind.title starts late and once, and tells another address",
    async ({ kind, start, path, starts }) => {
      const boots: { readonly id: string; readonly userData: string; readonly address: string }[] = [];
      const vendor = await start({
        onFirstBoot: (boot) => boots.push(boot),
        extraBootMs: () => 600_000,
        tellsAddress: () => "203.0.113.251",
      });
      const provider = kind.open(vendor.credentials, { endpoint: vendor.url + path, ...vendor.clock });
      const order = orderFor(newBeacon());
      const { id } = await provider.create(order);
      vendor.clock.pass(600_000);
      expect(boots).toEqual([]);
      expect((await provider.get(id))?.status).toBe("starting");
      vendor.clock.pass(60_000);
      expect(await provider.get(id)).toMatchObject({ status: "active", address: "203.0.113.251" });
      await provider.power(id, false);
      await provider.power(id, true);
      vendor.clock.pass(60_000);
      expect(boots).toEqual([
        { id, userData: order.userData[starts], address: expect.not.stringContaining("203.0.113") },
      ]);
      expect(vendor.violations).toEqual([]);
      await vendor.stop();
    },
  );
});
