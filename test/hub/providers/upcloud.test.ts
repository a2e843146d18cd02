import { describe } from "vitest";
import { upcloudProvider } from "#hub/providers/upcloud.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { vendorUnderTest } from "#test/contracts/vendor-under-test.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startUpcloud } from "#test/simulators/upcloud.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "against its description" : NO_CONTRACTS, () => {
  providerContract("UpCloud", async () =>
    vendorUnderTest({
      kind: upcloudProvider,
      simulator: await startUpcloud(),
      basePath: "/1.3",
      secret: "password",
      sizes: { small: "2xCPU-4GB", large: "4xCPU-8GB" },
    }),
  );
});
