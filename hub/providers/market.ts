import { Problem } from "#shared/problem.ts";
import type { ProviderChoices } from "../store/provider-choices.ts";
import type { Offer } from "./choose-provider.ts";
import type { Provider, ProviderKind, Tier } from "./provider.ts";
import type { ProviderAccounts } from "./provider-accounts.ts";

/** A provider that is set up in the hub's configuration, not by an account. */
export interface OwnProvider {
  readonly provider: Provider;
  /** Its share of the orders beside those of the accounts. */
  readonly weight: number;
  /** Absent where it has but one size. */
  readonly sizes?: ProviderKind["defaultSizes"] | undefined;
}

/** All who can make a VPS for the hub, and whose turn it is. */
export interface ProviderMarket {
  /** Who can be given an order now. */
  offers(): Promise<Offer[]>;
  /**
   * The provider that a job was given, also one that gets no orders any more; or else the one whose turn it is, which is written down
   * before it is told.
   * @returns `undefined` when nobody is left that was not passed over for this job
   * @throws {Problem} as `open`
   */
  choose(job: string): Promise<Provider | undefined>;
  /** Nothing in stock there, or no quota: the next one is asked. Does nothing when the job was given another one since. */
  passOver(job: string, provider: string): Promise<void>;
  /** Nobody counts as passed over any more. What was chosen stays. */
  askAllAgain(job: string): Promise<void>;
  /** Names of all that were ever chosen for a job: each may have a VPS of it. */
  asked(job: string): Promise<string[]>;
  /** Also one that gets no orders any more: what is there has to be looked after. @throws {Problem} `not_found`, `provider_credentials` */
  open(name: string): Promise<Provider>;
  /** Names of all with which there can be VPSs of ours. */
  names(): Promise<string[]>;
  /** Each of `names`. @throws {Problem} as `open` */
  all(): Promise<Provider[]>;
  /** The provider's name of the size of a tier; `undefined` where it has but one. @throws {Problem} `not_found` */
  sizeOf(provider: string, tier: Tier): string | undefined;
}

export interface ProviderMarketParts {
  readonly kinds: readonly ProviderKind[];
  readonly accounts: Pick<ProviderAccounts, "offers" | "open" | "configured">;
  readonly choices: ProviderChoices;
  /** The provider `local`, when it is configured. */
  readonly own?: OwnProvider | undefined;
}

export function createProviderMarket({ kinds, accounts, choices, own }: ProviderMarketParts): ProviderMarket {
  const ownName = own?.provider.name;
  const offers: ProviderMarket["offers"] = async () => [
    ...(own === undefined ? [] : [{ provider: own.provider.name, weight: own.weight }]),
    ...(await accounts.offers()),
  ];
  const open: ProviderMarket["open"] = async (name) =>
    own !== undefined && name === ownName ? own.provider : accounts.open(name);
  const names: ProviderMarket["names"] = async () => [
    ...(ownName === undefined ? [] : [ownName]),
    ...(await accounts.configured()),
  ];
  return {
    offers,
    open,
    names,
    choose: async (job) => {
      const name = (await choices.chosen(job)) ?? (await choices.choose(job, await offers()));
      return name === undefined ? undefined : open(name);
    },
    passOver: choices.passOver,
    askAllAgain: choices.askAllAgain,
    asked: choices.asked,
    all: async () => Promise.all((await names()).map(open)),
    sizeOf: (provider, tier) => {
      if (provider === ownName) return own?.sizes?.[tier];
      const kind = kinds.find(({ name }) => name === provider);
      if (kind === undefined) throw new Problem("not_found", `there is no provider ${provider}`);
      return kind.defaultSizes[tier];
    },
  };
}
