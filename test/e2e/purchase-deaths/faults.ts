import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import type { Fault, Simulator } from "#test/simulators/simulator.ts";
import type { StripeSimulator } from "#test/simulators/stripe/stripe.ts";
import type { SeededRandom } from "../chaos/random.ts";
import type { Zone } from "./zone.ts";

export interface FaultyWorld {
  readonly vendors: readonly SimulatedVendor[];
  readonly stripe: StripeSimulator;
  readonly mail: Simulator;
  readonly zone: Zone;
}

/** As somebody on the way says it: in nobody's form. */
const broken = (status: number): Fault => ({ kind: "answer", status, body: { message: "simulated" } });
/** @param body What a vendor says beside the status. */
const tooOften = (body: unknown): Fault => ({ kind: "answer", status: 429, body, headers: { "retry-after": "1" } });
const stripeTooOften = tooOften({ error: { type: "invalid_request_error", code: "rate_limit", message: "slowly" } });
const mailTooOften = tooOften({ statusCode: 429, name: "rate_limit_exceeded", message: "slowly" });
const passing: readonly Fault[] = [
  broken(500),
  broken(503),
  { kind: "refused" },
  { kind: "lost" },
  { kind: "slow", ms: 300 },
];

/** Has one thing go wrong, somewhere, with the next request that it is for. */
export function goWrong({ vendors, stripe, mail, zone }: FaultyWorld, random: SeededRandom): void {
  const one = <Item>(items: readonly Item[]): Item | undefined => items[random.between(0, items.length - 1)];
  const vendor = one(vendors);
  const fault = one(passing);
  if (vendor === undefined || fault === undefined) return;
  const orTooOften = (answer: Fault) => (random.isOneIn(3) ? answer : fault);
  switch (random.between(0, 8)) {
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
      stripe.fail(/./, orTooOften(stripeTooOften));
      return;
    case 6:
      mail.fail(/./, orTooOften(mailTooOften));
      return;
    case 7:
      zone.simulator.fail(/./, orTooOften(zone.tooOften));
      return;
    default:
      stripe.webhooks.behave({ copies: random.between(1, 3), shuffle: random, delayMs: random.between(0, 300) });
  }
}

/** Nothing goes wrong any more. */
export function calmDown({ vendors, stripe, mail, zone }: FaultyWorld): void {
  for (const simulator of [...vendors, stripe, mail, zone.simulator]) simulator.calm();
  for (const vendor of vendors) vendor.sellOut(false);
  stripe.webhooks.behave({});
}
