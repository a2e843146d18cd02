import type { SimulatedClock } from "./clock.ts";
import type { Fault, Simulator } from "./simulator.ts";

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
  /** The vendor's own answer to who asks too often. */
  tooFast(retryAfterSeconds: number): Fault;
}
