import { Problem } from "#shared/problem.ts";
import { beaconOf } from "../beacon-of.ts";
import type { State } from "../state.ts";

/** Makes the beacon's names lead to it, and goes on when the zone's authority says so too. */
export const configuringDns = {
  state: "CONFIGURING_DNS",
  title: "Setting up its address",
  // With a pause of up to a minute between them: half an hour for a zone to be published.
  attempts: 30,
  run: async (context, job) => {
    const { dns } = context;
    const { domain, address, address6, name } = await beaconOf(context, job);
    if (address === undefined) throw new Problem("not_found", `the server of ${name} has no address`);
    const addresses = address6 === undefined ? [address] : [address, address6];
    await dns.ensure(domain, addresses);
    await dns.verify(domain, addresses);
    return { next: `${domain} and *.${domain} lead to ${addresses.join(" and ")}.` };
  },
  undo: ({ dns, zone }, job) => dns.remove(`${job.purchase.beaconName}.${zone}`),
} satisfies State;
