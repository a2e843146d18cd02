import { describe } from "vitest";
import { digitaloceanProvider } from "#hub/providers/digitalocean.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startDigitalocean } from "#test/simulators/digitalocean.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("DigitalOcean", async () =>
    vendorUnderTest({
      kind: digitaloceanProvider,
      simulator: await startDigitalocean(),
      basePath: "",
      secret: "token",
      sizes: { small: "s-2vcpu-4gb", large: "s-4vcpu-8gb" },
    }),
  );
});
