import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import type { Fault, Simulator } from "#test/simulators/simulator.ts";
import type { StripeSimulator } from "#test/simulators/stripe/stripe.ts";
import type { SeededRandom } from "../chaos/random.ts";

export interface FaultyWorld {
  readonly vendors: readonly SimulatedVendor[];
  readonly stripe: StripeSimulator;
  readonly mail: Simulator;
}

const broken = (status: number): Fault => ({ kind: "answer", status, body: { message: "simulated" } });
const tooMany: Fault = { kind: "answer", status: 429, body: { message: "slowly" }, headers: { "retry-after": "1" } };
const passing: readonly Fault[] = [
  broken(500),
  broken(503),
  { kind: "refused" },
  { kind: "lost" },
  { kind: "slow", ms: 300 },
];

/** Has one thing go wrong, somewhere, with the next request that it is for. */
export function goWrong({ vendors, stripe, mail }: FaultyWorld, random: SeededRandom): void {
  const one = <Item>(items: readonly Item[]): Item | undefined => items[random.between(0, items.length - 1)];
  const vendor = one(vendors);
  const fault = one(passing);
  if (vendor === undefined || fault === undefined) return;
  switch (random.between(0, 7)) {
    case 0:
      vendor.fail(/./, vendor.tooFast(1));
      return;
    case 1:
      vendor.fail(/./, fault);
      return;
    // The server is made, and nobody hears of it.
    case 2:
      vendor.fail(vendor.creating, { kind: "lost" });
      return;
    case 3:
      vendor.sellOut(true);
      return;
    case 4:
      vendor.sellOut(false);
      return;
    case 5:
      stripe.fail(/./, fault);
      return;
    case 6:
      mail.fail(/./, random.isOneIn(2) ? tooMany : fault);
      return;
    default:
      stripe.webhooks.behave({ copies: random.between(1, 3), shuffle: random, delayMs: random.between(0, 300) });
  }
}

/** Nothing goes wrong any more. */
export function calmDown({ vendors, stripe, mail }: FaultyWorld): void {
  for (const simulator of [...vendors, stripe, mail]) simulator.calm();
  for (const vendor of vendors) vendor.sellOut(false);
  stripe.webhooks.behave({});
}
