import { describe } from "vitest";
import { ovhProvider } from "#hub/providers/ovh.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startOvh } from "#test/simulators/ovh.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("OVHcloud", async () =>
    vendorUnderTest({
      kind: ovhProvider,
      simulator: await startOvh(),
      basePath: "/1.0",
      secret: "applicationSecret",
      sizes: { small: "d2-4", large: "d2-8" },
    }),
  );
});
