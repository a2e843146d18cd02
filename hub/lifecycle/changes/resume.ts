import { resumedByOperatorMail } from "../../mail/templates/lifecycle.ts";
import { carryOut } from "../carry-out.ts";
import type { Change } from "../change.ts";

/** Starts what ran when the beacon was suspended. */
export const resume: Change<"resume"> = {
  change: "resume",
  // The beacon does both in their order.
  overtakes: ["suspend"],
  letters: (_job, { beacon }) => {
    if (beacon === undefined) return [];
    const { email: recipient, name, domain, inventory } = beacon;
    return [{ recipient, words: resumedByOperatorMail({ name, domain, dashboardUrl: inventory?.dashboardUrl }) }];
  },
  steps: [
    {
      name: "start-apps",
      title: "Starting the apps",
      attempts: 8,
      run: (context, job) =>
        carryOut(context, job, { key: "resume", name: "beacon.resume", input: {}, done: "Its apps run." }),
    },
    {
      name: "open",
      title: "Opening it to changes",
      attempts: 5,
      run: async ({ beacons, fleet }, job) => {
        await beacons.update(job.beacon, { suspendedAt: null });
        fleet.announce(job.beacon);
        return { next: "It takes commands again." };
      },
    },
  ],
};
