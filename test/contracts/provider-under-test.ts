import { randomUUID } from "node:crypto";
import type { Provider, ProviderKind, UserData, Vps, VpsOrder } from "#hub/providers/provider.ts";
import { userDataOf } from "#test/fixtures/user-data.ts";
import { until } from "#test/hub/provisioning/until.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";

export interface ProviderUnderTest {
  /**
   * The provider as a hub makes it at its start; each call is a new one over the same account.
   * @param fetch What it reaches its vendor with.
   */
  readonly open: (fetch?: typeof globalThis.fetch) => Provider;
  /** Removes what the tests may have left. */
  readonly dispose: () => Promise<void>;
  /** Of a vendor that is simulated: what can be made to happen to it. */
  readonly vendor?: VendorUnderTest;
}

export interface VendorUnderTest {
  readonly kind: ProviderKind;
  readonly simulator: SimulatedVendor;
  /** The provider with other credentials, which the vendor does not know. */
  readonly openAs: (secret: string) => Provider;
  /** Which of the two it is given to start with. */
  readonly starts: keyof UserData;
  /** Two sizes that a VPS can be given one after the other. */
  readonly sizes: { readonly small: string; readonly large: string };
}

export const newBeacon = () => `beacon_${randomUUID()}`;

/** @param beacon Its id @param over What is different from the usual */
export function orderFor(beacon: string, over: Partial<VpsOrder> = {}): VpsOrder {
  const bootstrap = { hub: "http://127.0.0.1:9", enrolmentToken: `token-${randomUUID()}` };
  const labels = { "wopr-beacon": beacon, "wopr-round": "0" };
  return { name: "ada", labels, bootstrap, userData: userDataOf(bootstrap), ...over };
}

/** Waits until a VPS is as wanted; a simulated vendor's time goes by meanwhile. */
export const untilVps = (
  { vendor }: ProviderUnderTest,
  provider: Provider,
  id: string,
  holds: (vps: Vps | undefined) => boolean,
): Promise<Vps | undefined> =>
  until(() => {
    vendor?.simulator.clock.pass(1000);
    return provider.get(id);
  }, holds);

/** It is gone, or as good as: where it cannot be deleted it ends with its term. */
export function isRidOf({ simulator, kind }: VendorUnderTest, id: string): boolean {
  if (!kind.lacks?.includes("deletion")) return !simulator.has(id);
  const endsAt = simulator.endsAt?.(id);
  return endsAt !== undefined && endsAt > simulator.clock.now();
}

export const isActive = (vps: Vps | undefined) => vps?.status === "active" && vps.address !== undefined;

/**
 * A `fetch` over which a hub dies with its nth request that changes something: right before it is sent, or once it was answered. Nothing
 * gets through from then on.
 */
export function mortalFetch(nth: number, moment: "before" | "after") {
  let changes = 0;
  let dead = false;
  const mortal: typeof fetch = async (input, init) => {
    if (dead) throw new TypeError("the hub is dead");
    const dies = (init?.method ?? "GET") !== "GET" && ++changes === nth;
    dead = dies;
    if (dies && moment === "before") throw new TypeError("the hub is dead");
    const answer = await fetch(input, init);
    if (dies) throw new TypeError("the hub is dead");
    return answer;
  };
  return { fetch: mortal, hasDied: () => dead };
}
