import type { z } from "zod";
import type { ProviderLack } from "#shared/api/providers.ts";
import { parseOr } from "#shared/problem.ts";
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

/** The same first start twice, of which a provider takes the one that it can run. Nothing in it stays secret. */
export interface UserData {
  /** Begins with `#cloud-config`; under 16 KiB, which every provider takes. */
  readonly cloudConfig: string;
  /** A bash script, where there is no cloud-init. */
  readonly script: string;
}

export interface VpsOrder {
  /** Name shown by the provider, which may add to it: one DNS label. */
  readonly name: string;
  readonly labels: VpsLabels;
  /** The provider's name of it; the default of its kind when absent. */
  readonly region?: string | undefined;
  /** The provider's name of it; the smallest of its default sizes when absent. */
  readonly size?: string | undefined;
  readonly bootstrap: Bootstrap;
  readonly userData: UserData;
  /** Nobody was ever asked for it before: the provider need not be asked whether it is there already. */
  readonly isFirst?: boolean | undefined;
}

export interface Vps {
  /** The provider's id. */
  readonly id: string;
  readonly labels: VpsLabels;
  /** `starting`: being made or booting; `off`: there, and not running. */
  readonly status: "starting" | "active" | "off";
  /** IPv4 address, once it has one. */
  readonly address: string | undefined;
  /** IPv6 address, where it has one and the provider tells it. */
  readonly address6?: string | undefined;
  /** The provider's names of both. */
  readonly size?: string | undefined;
  readonly region?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number | undefined;
  /** Addresses from which it reaches others, once they are known. */
  readonly dialsFrom: readonly string[] | undefined;
  /** Where to read what happens on it, in words for an operator. */
  readonly log: string;
}

/** What can be rented. */
export interface VpsSize {
  /** The provider's name of it, for example `cx23`. */
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
  /** Names of the regions in which it can be had now; absent where the provider does not say. */
  readonly regions?: readonly string[] | undefined;
  /** What a month of it costs us before taxes, in the smallest unit of `currency`, where the provider says so. */
  readonly monthlyCents?: number | undefined;
  /** ISO 4217. */
  readonly currency?: string | undefined;
}

export interface VpsRegion {
  /** The provider's name of it, for example `fsn1`. */
  readonly name: string;
  /** For people, for example `Falkenstein`. */
  readonly title: string;
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country?: string | undefined;
}

/**
 * Somebody who rents out VPSs. The contract suite `test/contracts/provider.ts` holds every provider to this. Only VPSs that carry our
 * labels are seen or touched; any other one in the same account is as if it were not there.
 *
 * All methods throw `Problem`: `provider_unavailable` when trying again may help, `provider_refused` when not, `provider_credentials`
 * when the operator has to act.
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
   * @throws {Problem} `provider_out_of_stock`, `provider_quota` too: nothing was made
   */
  create(order: VpsOrder): Promise<Vps>;
  /** The VPS that carries these labels; the newest when there are several. */
  find(labels: Partial<VpsLabels>): Promise<Vps | undefined>;
  /** `undefined` when there is none of that id (any more). */
  get(id: string): Promise<Vps | undefined>;
  /** All that carry our labels. */
  list(): Promise<Vps[]>;
  /** Switches it on or off, and does nothing when it already is; may return before it is done. @throws {Problem} `not_found` */
  power(id: string, on: boolean): Promise<void>;
  /**
   * Gives it the processors and the memory of another size. Its disk stays as large as it was made, so that the way back stays open.
   * Returns when it is of that size and switched on, whatever it was before; does nothing when it is so already. What is called again
   * after a death goes on where that happened.
   * @throws {Problem} `not_found`, `provider_out_of_stock`, `provider_refused` with a hint where the provider cannot do that
   */
  resize(id: string, size: string): Promise<void>;
  /** Deletes it with its disk. Does nothing when it is gone; once this returns, nobody finds it any more. */
  remove(id: string): Promise<void>;
  /** What can be ordered, in this region when there is one. */
  sizes(region?: string): Promise<VpsSize[]>;
  regions(): Promise<VpsRegion[]>;
}

/** What a provider needs of the world around it. */
export interface ProviderTools {
  /** Where its API is, in tests; its own when absent. */
  readonly endpoint?: string | undefined;
  /** The platform's own when absent. */
  readonly fetch?: typeof fetch | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The VPSs of a tier: 4, 8 and 16 GB of memory. */
export const tiers = ["t1", "t2", "t3"] as const;
export type Tier = (typeof tiers)[number];

/** An order that leaves nothing open. */
export type PlacedOrder = VpsOrder & { readonly region: string; readonly size: string };

/** What a kind adds to its name and title to be a provider. */
export interface OpenAccount extends Omit<Provider, "name" | "title" | "create"> {
  /** As `create` of `Provider`. */
  create(order: PlacedOrder): Promise<Vps>;
}

export interface ProviderKindParts<Credentials extends z.ZodType> {
  /** Key in the configuration, for example `hetzner`. */
  readonly name: string;
  readonly title: string;
  /** A strict object of texts; the form in the console is drawn from it. */
  readonly Credentials: Credentials;
  /** Which of them are secret: they go in and never come out. */
  readonly secrets: readonly (keyof z.output<Credentials> & string)[];
  readonly defaultSizes: Readonly<Record<Tier, string>>;
  readonly defaultRegion: string;
  /** Nothing when absent. */
  readonly lacks?: readonly ProviderLack[];
  /** Calls nobody. */
  open(credentials: z.output<Credentials>, tools: ProviderTools): OpenAccount;
}

/** Somebody who rents out VPSs, before anybody has an account there. A file in this folder exports each: `hetznerProvider`. */
export interface ProviderKind<Credentials extends z.ZodType = z.ZodType>
  extends Omit<ProviderKindParts<Credentials>, "open" | "secrets"> {
  readonly secrets: readonly string[];
  /** Calls nobody. @throws {Problem} `invalid_input` for credentials that do not fit */
  open(credentials: unknown, tools: ProviderTools): Provider;
}

/** A kind whose orders need not name everything, and whose credentials need not be parsed by who has them. */
export const defineProvider = <Credentials extends z.ZodType>(
  kind: ProviderKindParts<Credentials>,
): ProviderKind<Credentials> => ({
  ...kind,
  open: (credentials, tools) => {
    const { name, title, defaultRegion, defaultSizes } = kind;
    const account = kind.open(parseOr(kind.Credentials, credentials, `the credentials of ${title}`), tools);
    const create: Provider["create"] = ({ region = defaultRegion, size = defaultSizes.t1, ...order }) =>
      account.create({ ...order, region, size });
    return { ...account, name, title, create };
  },
});
