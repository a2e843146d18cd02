import type { SimulatedClock } from "./clock.ts";
import type { Contract } from "./contract.ts";
import type { Fault, Simulator } from "./simulator.ts";

/** What is different from the usual about a simulated vendor. Each is asked at the moment it matters. */
export interface VendorHabits {
  /** A VPS has started for the first time: what is on it does its work from now on. */
  readonly onFirstBoot?: (boot: { readonly id: string; readonly userData: string; readonly address: string }) => void;
  /** How much longer than usual a new VPS takes to start, in milliseconds. */
  readonly extraBootMs?: () => number;
  /** The IPv4 address that the vendor tells of a VPS, which need not be the one that it has. */
  readonly tellsAddress?: (id: string, address: string) => string;
  /** Holds no request and no answer against the vendor's description: that is left out of what is measured. */
  readonly isUnchecked?: boolean;
}

/** What a vendor with these habits is held to. @param open As `openContract`, which takes a while. */
export const contractOf = (habits: VendorHabits, open: () => Contract): Contract =>
  habits.isUnchecked === true ? unchecked : open();

const unchecked: Contract = { request: () => [], reply: () => [] };

/** A vendor of VPSs on the loopback interface, with one account, and the hand that makes things happen to it. */
export interface SimulatedVendor extends Simulator {
  readonly clock: SimulatedClock;
  /** Credentials of the account with all rights, as the provider's kind wants them. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The request that makes a VPS, for `fail`. */
  readonly creating: RegExp;
  /** What a VPS was given to start with, decoded, and what its first start made of it: `fine`, or what is wrong. */
  firstBootOf(id: string): { readonly userData: string; readonly outcome: string } | undefined;
  /** Has everything be sold out, or be back. */
  sellOut(isSoldOut: boolean): void;
  /** Has the account be allowed so many VPSs more than there are. */
  allowMore(vpss: number): void;
  /** Somebody else rents a VPS in the same account, without our labels. @returns its id */
  rentByHand(): string;
  has(id: string): boolean;
  /** When a VPS ends that was cancelled, in milliseconds since the epoch: of vendors with which it is rented for a term. */
  endsAt?(id: string): number | undefined;
  /** The vendor's own answer to who asks too often. */
  tooFast(retryAfterSeconds: number): Fault;
}
