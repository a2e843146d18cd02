import { describe } from "vitest";
import { linodeProvider } from "#hub/providers/linode.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startLinode } from "#test/simulators/linode.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("Linode", async () =>
    vendorUnderTest({
      kind: linodeProvider,
      simulator: await startLinode(),
      basePath: "/v4",
      secret: "token",
      sizes: { small: "g6-standard-2", large: "g6-standard-4" },
    }),
  );
});
