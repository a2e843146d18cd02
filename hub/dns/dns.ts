/** Somebody who answers for a DNS zone. `test/contracts/dns.ts` holds every backend to this. */
export interface Dns {
  /** Key in the configuration, for example `loopback`. */
  readonly name: string;
  readonly title: string;
  /**
   * Makes `domain` and `*.domain` lead to these addresses and nowhere else; does nothing when they already do.
   * @throws {Problem} `provider_refused`, `provider_unavailable`
   */
  ensure(domain: string, addresses: readonly string[]): Promise<void>;
  /** Returns once the zone's authority answers so. @throws {Problem} `dns_not_ready` while it does not. */
  verify(domain: string, addresses: readonly string[]): Promise<void>;
  /** Takes both names away; does nothing when they are gone. */
  remove(domain: string): Promise<void>;
}
