import type { BindingPart } from "../fleet/enrolment-binding.ts";

/** Labels that every VPS of ours carries, so that it is found again by whoever lost its id. */
export interface VpsLabels {
  /** Id of the beacon that the VPS was made for. */
  readonly "wopr-beacon": string;
  /** How often the job that made it had been retried before. */
  readonly "wopr-round": string;
}

/** What a new VPS needs to know to become a beacon. */
export interface Bootstrap {
  /** Origin of the hub as the VPS reaches it. */
  readonly hub: string;
  /** One-time token: dies on use, or in an hour. */
  readonly enrolmentToken: string;
}

export interface VpsOrder {
  /** Name shown by the provider: one DNS label. */
  readonly name: string;
  readonly labels: VpsLabels;
  readonly region?: string | undefined;
  readonly size?: string | undefined;
  readonly bootstrap: Bootstrap;
}

export interface Vps {
  /** The provider's id. */
  readonly id: string;
  readonly labels: VpsLabels;
  /** `starting`: being made or booting; `off`: there, and not running. */
  readonly status: "starting" | "active" | "off";
  /** IPv4 address, once it has one. */
  readonly address: string | undefined;
  /** Addresses from which it reaches others, once they are known. */
  readonly dialsFrom: readonly string[] | undefined;
  /** Where to read what happens on it, in words for an operator. */
  readonly log: string;
}

/**
 * Somebody who rents out VPSs. The contract suite `test/contracts/provider.ts` holds every provider to this.
 *
 * All methods throw `Problem`: `provider_unavailable` when trying again may help, `provider_refused` when not.
 */
export interface Provider {
  /** Key in the configuration, for example `local`. */
  readonly name: string;
  readonly title: string;
  /** What it can tell of a VPS, sooner or later, that its agent shows when it enrols: its id, the addresses that it dials from. */
  readonly tells: readonly BindingPart[];
  /**
   * Makes a VPS, or gives the one that already carries these labels: a call whose answer was lost can be made again.
   * It may return before the VPS runs.
   */
  create(order: VpsOrder): Promise<Vps>;
  /** The VPS that carries these labels; the newest when there are several. */
  find(labels: Partial<VpsLabels>): Promise<Vps | undefined>;
  /** `undefined` when there is none of that id (any more). */
  get(id: string): Promise<Vps | undefined>;
  /** Switches it on or off, and does nothing when it already is. @throws {Problem} `not_found` */
  power(id: string, on: boolean): Promise<void>;
  /** Deletes it with its disk. Does nothing when it is gone; once this returns, nobody finds it any more. */
  remove(id: string): Promise<void>;
}
