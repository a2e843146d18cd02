import Stripe from "stripe";
import { expect } from "vitest";
import { SECRET_KEY, type StripeSimulator, startStripe } from "./stripe.ts";

/** A simulated account, and Stripe's own library at it. */
export interface WithLibrary {
  readonly simulator: StripeSimulator;
  readonly stripe: Stripe;
  /** Fails when anything was not as it is described. */
  stop(): Promise<void>;
}

export async function startWithLibrary(contract: Parameters<typeof startStripe>[0]): Promise<WithLibrary> {
  const simulator = await startStripe(contract);
  const { hostname: host, port } = new URL(simulator.url);
  return {
    simulator,
    stripe: new Stripe(SECRET_KEY, { host, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 }),
    stop: async () => {
      await simulator.stop();
      expect(simulator.violations).toEqual([]);
    },
  };
}
