import type { ProviderInput, ProviderLack, ProviderView } from "#shared/api/providers.ts";
import type { Tone } from "#ui/components/status.tsx";

/** Names of credentials as people read them; what is not in here is shown by its own name. */
export const fieldLabels: Readonly<Record<string, string>> = {
  token: "API token",
  username: "User name",
  password: "Password",
  platform: "Platform",
  applicationKey: "Application key",
  applicationSecret: "Application secret",
  consumerKey: "Consumer key",
  project: "Id of the project",
  clientId: "Client id",
  clientSecret: "Client secret",
  apiUser: "API user",
  apiPassword: "API password",
};

/** What the credentials of a provider have to be, as docs/providers.md has it. */
export const credentialWords: Readonly<Record<string, string>> = {
  hetzner: "Make a token in a project of its own, with the right to read and write.",
  digitalocean:
    "A token with all scopes of droplet, and tag:create, tag:read, regions:read, sizes:read, account:read and actions:read.",
  linode: "A token of an unrestricted user, with linodes:read_write and events:read_only.",
  ovh: "Keys of an application with GET, POST and DELETE on /cloud/project/<project>/*, and the id of that Public Cloud project.",
  upcloud: "A sub-account that may use the API and manage all servers.",
  contabo:
    "All four stand under API in the customer control panel. The user is the address with which you sign in there.",
  hostinger: "A token of your profile in hPanel.",
};

export const lackWords: Readonly<Record<ProviderLack, string>> = {
  resize: "Servers have one size for life: a beacon that needs another one is moved to a new server.",
  deletion: "Rented by the month: a server that is removed is switched off, and paid for until its term ends.",
};

/** Pure: how it stands with a provider, in a word or two. */
export function standingOf({ configured, enabled, weight, checkedAt, problem }: ProviderView): {
  readonly tone: Tone;
  readonly word: string;
} {
  if (problem !== undefined) return { tone: "bad", word: "Not working" };
  if (!configured) return { tone: "off", word: "Not set up" };
  if (!enabled) return { tone: "off", word: "Switched off" };
  if (weight === 0) return { tone: "warn", word: "No share" };
  if (checkedAt === undefined) return { tone: "warn", word: "Not checked" };
  return { tone: "good", word: "Ready" };
}

export interface ProviderDraft {
  readonly enabled: boolean;
  readonly weight: number;
  /** What stands in the fields; secrets are empty until one is typed. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** Pure: what the hub is told. Without a change of the credentials it is told none, and keeps what it has. */
export function providerInput(before: ProviderView, { enabled, weight, credentials }: ProviderDraft): ProviderInput {
  const given = Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== ""));
  const isSame = before.form.every(({ name }) => (given[name] ?? "") === (before.credentials[name] ?? ""));
  return { enabled, weight, ...(isSame ? {} : { credentials: given }) };
}

/** Pure: names of the fields that have to be filled in first. A secret that is set stays. */
export const missingFields = ({ form, secrets }: ProviderView, credentials: ProviderDraft["credentials"]): string[] =>
  form
    .filter(({ name, required }) => required && (credentials[name] ?? "") === "" && !secrets.includes(name))
    .map(({ name }) => name);
