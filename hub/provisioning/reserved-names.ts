/**
 * Names that no beacon may have: they would pass for the operator's own addresses (`hub.example.org`), or have a meaning
 * of their own in DNS, mail (RFC 2142) or certificates.
 */
export const reservedNames: ReadonlySet<string> = new Set([
  ...["abuse", "account", "accounts", "admin", "administrator", "agent", "api", "app", "apps", "assets", "auth"],
  ...["autoconfig", "autodiscover", "beacon", "beacons", "billing", "blog", "cdn", "console", "dashboard", "demo"],
  ...["dns", "docs", "download", "example", "ftp", "help", "hostmaster", "hub", "imap", "info", "install", "invalid"],
  ...["localhost", "login", "mail", "metrics", "mta-sts", "noc", "ns1", "ns2", "operator", "pay", "pop", "portal"],
  ...["postmaster", "registry", "root", "security", "shop", "sign-in", "sign-up", "smtp", "sso", "staging", "static"],
  ...["status", "store", "support", "system", "test", "webmail", "webmaster", "wopr", "www"],
]);
