import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { ProviderInput, ProviderView } from "#shared/api/providers.ts";
import { formFieldsOf } from "#shared/form-fields.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { createSealing } from "#shared/sealing.ts";
import type { ProviderAccountStore, StoredAccount } from "../store/provider-accounts.ts";
import { defaultWeights, type Offer } from "./choose-provider.ts";
import type { Provider, ProviderKind, ProviderTools } from "./provider.ts";

/**
 * The accounts that the operator has at providers. Secrets go in, and come out only to where they are used. Who changes what is in the
 * audit log.
 */
export interface ProviderAccounts {
  /** All kinds, used or not, by name. */
  view(): Promise<ProviderView[]>;
  /** @throws {Problem} `not_found` for a kind that there is not, `invalid_input` for its credentials, `conflict` to enable it without any */
  change(name: string, input: ProviderInput, actor: string): Promise<ProviderView>;
  /** Asks the vendor whether the credentials are good; what it says is in the view. @throws {Problem} `not_found`, `conflict` without any */
  check(name: string): Promise<ProviderView>;
  /** Who can be given an order now. */
  offers(): Promise<Offer[]>;
  /** Names of all that have credentials, whether they get orders or not. */
  configured(): Promise<string[]>;
  /**
   * Also one that gets no orders any more: what is there has to be looked after. The same one as long as its credentials are: it knows how
   * long its vendor wants to be left alone, and does one thing after the other where that has to be.
   * @throws {Problem} `not_found`, `conflict` without credentials, `provider_credentials` when they cannot be read
   */
  open(name: string): Promise<Provider>;
}

export interface ProviderAccountsParts {
  readonly kinds: readonly ProviderKind[];
  readonly store: ProviderAccountStore;
  readonly sealingKey: Uint8Array;
  /** Of the provider of that name. */
  readonly toolsFor: (name: string) => ProviderTools;
  readonly now: () => number;
  /** An account was changed or checked: what waits for it can go on. */
  readonly onChanged?: ((name: string) => void) | undefined;
}

export function createProviderAccounts({
  kinds,
  store,
  sealingKey,
  toolsFor,
  now,
  onChanged = () => undefined,
}: ProviderAccountsParts): ProviderAccounts {
  const openNow = new Map<string, { readonly sealed: Uint8Array; readonly provider: Provider }>();
  const sealing = createSealing({ key: sealingKey, randomBytes, lost: keyLost });
  const kindOf = (name: string): ProviderKind => {
    const kind = kinds.find((one) => one.name === name);
    if (kind !== undefined) return kind;
    const known = kinds.map((one) => one.name).join(", ");
    throw new Problem("not_found", `there is no provider ${name}`, { hint: `Known are: ${known}.` });
  };
  const accountOf = async (name: string): Promise<StoredAccount> => (await store.get(name)) ?? unused(name);
  const credentialsOf = ({ provider, sealed }: StoredAccount) =>
    sealed === undefined ? undefined : Texts.parse(JSON.parse(sealing.open(sealed, sealedName(provider))));

  /** What can be shown of them, also when they cannot be opened any more. */
  const readable = (account: StoredAccount) => {
    try {
      return { credentials: credentialsOf(account) ?? {}, problem: account.problem };
    } catch (thrown) {
      return { credentials: {}, problem: Problem.wrap(thrown).toJSON() };
    }
  };

  const viewOf = (kind: ProviderKind, account: StoredAccount): ProviderView => {
    const { credentials: readCredentials, problem } = readable(account);
    const credentials = Object.entries(readCredentials);
    const { disabledAt, sealed, weight, checkedAt } = account;
    return {
      name: kind.name,
      title: kind.title,
      enabled: sealed !== undefined && disabledAt === undefined,
      weight,
      form: formFieldsOf(kind.Credentials, kind.secrets),
      credentials: Object.fromEntries(credentials.filter(([name]) => !kind.secrets.includes(name))),
      secrets: credentials.map(([name]) => name).filter((name) => kind.secrets.includes(name)),
      configured: sealed !== undefined,
      ...(checkedAt === undefined ? {} : { checkedAt }),
      ...(problem === undefined ? {} : { problem }),
      defaultSizes: kind.defaultSizes,
      defaultRegion: kind.defaultRegion,
      lacks: [...(kind.lacks ?? [])],
    };
  };
  const opened = (kind: ProviderKind, account: StoredAccount): Provider => {
    const { sealed } = account;
    const known = openNow.get(kind.name);
    if (known !== undefined && sealed !== undefined && Buffer.compare(known.sealed, sealed) === 0)
      return known.provider;
    const credentials = credentialsOf(account);
    if (sealed === undefined || credentials === undefined) throw without(kind);
    const provider = kind.open(credentials, toolsFor(kind.name));
    openNow.set(kind.name, { sealed, provider });
    return provider;
  };

  return {
    view: async () => {
      const accounts = new Map((await store.list()).map((account) => [account.provider, account]));
      return kinds.map((kind) => viewOf(kind, accounts.get(kind.name) ?? unused(kind.name)));
    },
    change: async (name, { enabled, weight, credentials }, actor) => {
      const kind = kindOf(name);
      const before = await accountOf(name);
      const merged =
        credentials === undefined ? undefined : mergedWith(kind, readable(before).credentials, credentials);
      if (enabled && merged === undefined && before.sealed === undefined) throw without(kind);
      const account: StoredAccount = {
        ...before,
        weight,
        disabledAt: enabled ? undefined : (before.disabledAt ?? now()),
        ...(merged === undefined
          ? {}
          : {
              sealed: sealing.seal(JSON.stringify(merged), sealedName(name)),
              checkedAt: undefined,
              problem: undefined,
            }),
      };
      const details = { enabled, weight, credentials: merged !== undefined };
      await store.put(account, { at: now(), line: { actor, action: "provider.change", subject: name, details } });
      onChanged(name);
      return viewOf(kind, account);
    },
    check: async (name) => {
      const kind = kindOf(name);
      const account = await accountOf(name);
      const problem = await opened(kind, account)
        .list()
        .then(() => undefined)
        .catch((thrown: unknown) => Problem.wrap(thrown).toJSON());
      await store.putCheck(account, { checkedAt: now(), problem });
      onChanged(name);
      return viewOf(kind, await accountOf(name));
    },
    offers: async () =>
      (await store.list())
        .filter(({ provider }) => kinds.some(({ name }) => name === provider))
        .filter(({ sealed, disabledAt }) => sealed !== undefined && disabledAt === undefined)
        .map(({ provider, weight }) => ({ provider, weight })),
    configured: async () =>
      (await store.list())
        .filter(({ provider, sealed }) => sealed !== undefined && kinds.some(({ name }) => name === provider))
        .map(({ provider }) => provider),
    open: async (name) => opened(kindOf(name), await accountOf(name)),
  };
}

const Texts = z.record(z.string(), z.string());

/** What is sealed is bound to its provider, so that the credentials of two cannot be swapped. */
const sealedName = (provider: string) => `provider/${provider}`;

const unused = (provider: string): StoredAccount => ({
  provider,
  weight: defaultWeights[provider] ?? 0,
  disabledAt: undefined,
  sealed: undefined,
  checkedAt: undefined,
  problem: undefined,
});

/** Secrets that are left out stay as they are. @throws {Problem} `invalid_input` */
function mergedWith(
  kind: ProviderKind,
  before: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(before).filter(([name]) => kind.secrets.includes(name));
  const all = Object.fromEntries([...kept, ...Object.entries(given).filter(([, value]) => value !== "")]);
  return Texts.parse(parseOr(kind.Credentials, all, `the credentials of ${kind.title}`));
}

const keyLost = (cause: unknown) =>
  new Problem("provider_credentials", "the credentials of a provider cannot be opened with the hub's sealing key", {
    hint: "Put the file sealing-key back from where it was kept, or put the credentials in again.",
    cause,
  });

const without = ({ title }: ProviderKind) =>
  new Problem("conflict", `the hub has no credentials for ${title}`, { hint: "Put them in first." });
