import { Problem } from "#shared/problem.ts";
import { handedOverMail, receivedMail } from "../../mail/templates/lifecycle.ts";
import { beaconOf } from "../beacon-of.ts";
import type { Change } from "../change.ts";
import { mailIdOf } from "../mail-id.ts";

/** Gives a beacon to somebody else: its account, its bills, and the end of what let the former owner in. */
export const transfer: Change<"transfer"> = {
  change: "transfer",
  check: async (_context, beacon, { email }) => {
    if (beacon.email.toLowerCase() !== email.toLowerCase()) return;
    throw new Problem("conflict", `${beacon.name} belongs to ${beacon.email} already`);
  },
  steps: [
    {
      name: "note",
      title: "Noting whose it was",
      attempts: 5,
      // On its own: whoever goes on after a death must not take the new owner for the former one.
      run: async (context, job) => {
        const { owner, email } = await beaconOf(context, job);
        const formerOwner = { ...(owner === undefined ? {} : { id: owner }), email };
        return { next: `It belonged to ${email}.`, facts: { formerOwner } };
      },
    },
    {
      name: "hand-over",
      title: "Giving it to its new owner",
      attempts: 5,
      run: async ({ accounts, beacons, fleet }, job) => {
        const { email } = job.change;
        const { id: owner } = await accounts.ensureOwner(email);
        await beacons.update(job.beacon, { owner, email });
        fleet.announce(job.beacon);
        return { next: `It belongs to ${email}.` };
      },
    },
    {
      name: "end-sessions",
      title: "Signing the former owner out",
      attempts: 5,
      run: async ({ endSessions }, { facts }) => {
        const former = facts.formerOwner?.id;
        if (former === undefined) return { next: "Nobody had been signed in." };
        await endSessions(former);
        return { next: "What the former owner was given opens no beacon any more." };
      },
    },
    {
      name: "bills",
      title: "Addressing the bills",
      attempts: 20,
      run: async ({ subscribed }, job) => ({ next: await subscribed.handOver(job.beacon, job.change.email) }),
    },
    {
      name: "tell",
      title: "Telling both",
      attempts: 5,
      run: async (context, job) => {
        const { mails, accounts } = context;
        const { name, domain } = await beaconOf(context, job);
        const to = job.change.email;
        const from = job.facts.formerOwner?.email ?? to;
        const handed = { name, domain, from, to };
        const send = (recipient: string, words: ReturnType<typeof handedOverMail>) =>
          mails.send({ id: mailIdOf(job.id, recipient), recipient, attachment: undefined, ...words });
        await send(to, receivedMail({ ...handed, invitation: await accounts.invitation(to) }));
        await send(from, handedOverMail(handed));
        return { next: `${to} and ${from} are told.` };
      },
    },
  ],
};
