import { describe } from "vitest";
import { hetznerProvider } from "#hub/providers/hetzner.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";

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
});
