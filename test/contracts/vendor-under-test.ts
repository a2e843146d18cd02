import type { ProviderKind, UserData } from "#hub/providers/provider.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import type { ProviderUnderTest } from "./provider-under-test.ts";

export interface VendorTestParts {
  readonly kind: ProviderKind;
  readonly simulator: SimulatedVendor;
  /** What follows the origin in the endpoint of the kind. */
  readonly basePath: string;
  /** The credential that `openAs` replaces. */
  readonly secret: string;
  readonly sizes: { readonly small: string; readonly large: string };
  readonly starts?: keyof UserData;
}

/** A provider over its simulated vendor, in whose time it waits. */
export function vendorUnderTest(parts: VendorTestParts): ProviderUnderTest {
  const { kind, simulator, basePath, secret, sizes, starts = "cloudConfig" } = parts;
  const { now, sleep } = simulator.clock;
  const endpoint = simulator.url + basePath;
  const openWith = (credentials: unknown, fetch?: typeof globalThis.fetch) =>
    kind.open(credentials, { endpoint, now, sleep, ...(fetch === undefined ? {} : { fetch }) });
  return {
    open: (fetch) => openWith(simulator.credentials, fetch),
    dispose: () => simulator.stop(),
    vendor: {
      kind,
      simulator,
      sizes,
      starts,
      openAs: (value) => openWith({ ...simulator.credentials, [secret]: value }),
    },
  };
}
