import { terminatedMail } from "../../mail/templates/subscription.ts";
import type { Change } from "../change.ts";

/** Removes a beacon for good, in the order in which it hurts least when it stops halfway: first nobody pays for it any more. */
export const deleteBeacon: Change<"delete"> = {
  change: "delete",
  // They may wait for a beacon that never comes back.
  overtakes: ["suspend", "resume"],
  letters: ({ beaconName: name, facts: { domain, formerOwner } }, { now }) =>
    domain === undefined || formerOwner === undefined
      ? []
      : [{ recipient: formerOwner.email, words: terminatedMail({ name, domain, terminatedAt: now }) }],
  steps: [
    {
      name: "backup",
      title: "Keeping a last backup",
      attempts: 1,
      // Whose it was is noted, too: in the end nobody knows it any more.
      run: async ({ beacons }, job) => {
        const beacon = await beacons.get(job.beacon);
        const facts = beacon === undefined ? {} : { domain: beacon.domain, formerOwner: { email: beacon.email } };
        return { next: "No backup is kept: beacons make none yet.", facts };
      },
    },
    {
      name: "subscription",
      title: "Ending the subscription",
      attempts: 30,
      run: async ({ subscribed }, job) => {
        await subscribed.end(job.beacon);
        return { next: "Nothing more is charged for it. Its invoices stay." };
      },
    },
    {
      name: "dns",
      title: "Taking its names away",
      attempts: 30,
      run: async ({ beacons, dns }, job) => {
        const beacon = await beacons.get(job.beacon);
        if (beacon !== undefined) await dns.remove(beacon.domain);
        return { next: "Its names lead nowhere." };
      },
    },
    {
      name: "server",
      title: "Deleting the server",
      attempts: 30,
      run: async ({ beacons, market }, job) => {
        const beacon = await beacons.get(job.beacon);
        if (beacon === undefined) return { next: "It has left this hub: its server is its owner's." };
        const provider = await market.open(beacon.provider);
        const labels = { "wopr-beacon": beacon.id };
        for (let vps = await provider.find(labels); vps !== undefined; vps = await provider.find(labels)) {
          await provider.remove(vps.id);
        }
        return { next: `${provider.title} has no server of it any more.` };
      },
    },
    {
      name: "books",
      title: "Closing its books",
      attempts: 5,
      run: async ({ fleet }, job) => {
        await fleet.remove(job.beacon);
        return { next: "The hub counts it no more, and its name is free." };
      },
    },
  ],
};
