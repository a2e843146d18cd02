import { describe } from "vitest";
import { hostingerProvider } from "#hub/providers/hostinger.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startHostinger } from "#test/simulators/hostinger.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("Hostinger", async () =>
    vendorUnderTest({
      kind: hostingerProvider,
      simulator: await startHostinger(),
      basePath: "",
      secret: "token",
      starts: "script",
      sizes: { small: "KVM 1", large: "KVM 2" },
    }),
  );
});
