// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { cloudflareDns } from "./cloudflare.ts";
import { loopbackDns } from "./loopback.ts";
import { powerdnsDns } from "./powerdns.ts";
import { route53Dns } from "./route53.ts";

export const dnsKinds = [cloudflareDns, loopbackDns, powerdnsDns, route53Dns] as const;
