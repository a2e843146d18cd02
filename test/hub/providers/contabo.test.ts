import { describe } from "vitest";
import { contaboProvider } from "#hub/providers/contabo.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { startContabo } from "#test/simulators/contabo.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("Contabo", async () =>
    vendorUnderTest({
      kind: contaboProvider,
      simulator: await startContabo(),
      basePath: "",
      secret: "apiPassword",
      sizes: { small: "V91", large: "V94" },
    }),
  );
});
