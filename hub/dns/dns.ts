import type { z } from "zod";
import { parseOr } from "#shared/problem.ts";
import type { Authority } from "./zone/authority.ts";

/** A domain with where it leads. */
export interface ServedDomain {
  readonly domain: string;
  readonly addresses: readonly string[];
}

/** Somebody who answers for DNS zones. `test/contracts/dns.ts` holds every backend to this. */
export interface Dns {
  /** Key in the configuration, for example `loopback`. */
  readonly name: string;
  readonly title: string;
  /**
   * Makes `domain` and `*.domain` lead to these IPv4 and IPv6 addresses and nowhere else; does nothing when they already do. Nothing
   * else in the zone is touched.
   * @throws {Problem} `provider_refused`, `provider_unavailable`, `provider_credentials`
   */
  ensure(domain: string, addresses: readonly string[]): Promise<void>;
  /** Returns once the zone's authority answers so. @throws {Problem} `dns_not_ready` while it does not, and what `ensure` throws */
  verify(domain: string, addresses: readonly string[]): Promise<void>;
  /** Takes both names away; does nothing when they are gone. @throws {Problem} what `ensure` throws */
  remove(domain: string): Promise<void>;
  /**
   * The domains right below `base` that lead somewhere in the way in which `ensure` has them lead: themselves and all below them to the
   * same addresses. Where a backend marks what it makes, only those with the mark. @throws {Problem} what `ensure` throws
   */
  list(base: string): Promise<ServedDomain[]>;
}

/** What a backend needs of the world around it. */
export interface DnsTools {
  /** Where its API is, in tests; its own when absent. */
  readonly endpoint?: string | undefined;
  /** The platform's own when absent. */
  readonly fetch?: typeof fetch | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly authority: Authority;
}

/** A DNS backend before anybody has an account there. One file in this folder, which exports it. */
export interface DnsKind<Credentials extends z.ZodType = z.ZodType> {
  /** Key in the configuration, for example `powerdns`. */
  readonly name: string;
  readonly title: string;
  /** A strict object of texts; a form is drawn from it. */
  readonly Credentials: Credentials;
  /** Which of them are secret: they go in and never come out. */
  readonly secrets: readonly (keyof z.output<Credentials> & string)[];
  /** Calls nobody. */
  open(credentials: z.output<Credentials>, tools: DnsTools): Dns;
}

/** A kind whose credentials need not be parsed by who has them. */
export interface OpenableDns<Credentials extends z.ZodType = z.ZodType>
  extends Omit<DnsKind<Credentials>, "open" | "secrets"> {
  readonly secrets: readonly string[];
  /** As `open`. @throws {Problem} `invalid_input` for credentials that do not fit */
  open(credentials: unknown, tools: DnsTools): Dns;
}

export const defineDns = <Credentials extends z.ZodType>(kind: DnsKind<Credentials>): OpenableDns<Credentials> => ({
  ...kind,
  open: (credentials, tools) =>
    kind.open(parseOr(kind.Credentials, credentials, `the credentials of the DNS backend ${kind.name}`), tools),
});
