import { Problem } from "#shared/problem.ts";
import { handbookOf } from "../../documents/handbook-facts.ts";
import { welcomeMail } from "../../mail/templates/welcome.ts";
import { beaconOf } from "../beacon-of.ts";
import { handbookIdOf, welcomeIdOf } from "../derived-ids.ts";
import { pauseMs } from "../pause.ts";
import type { State } from "../state.ts";

/**
 * Sends the owner the welcome mail with the handbook, and waits until a mail server has taken it. A beacon that serves is delivered: one
 * whose mail nobody takes is so without it, while the mail goes on being tried.
 */
export const sendingWelcome = {
  state: "SENDING_WELCOME",
  title: "Sending the welcome mail",
  attempts: 8,
  run: async (context, job) => {
    const { mails, accounts, modules, now, publicUrl, silenceMs } = context;
    const id = welcomeIdOf(job.id);
    const state = await mails.state(id);
    if (state?.sentAt !== undefined) return { next: `The welcome mail is on its way to ${job.purchase.email}.` };
    if (state === undefined) {
      const beacon = await beaconOf(context, job);
      const { inventory } = beacon;
      if (inventory === undefined) throw new Problem("not_found", `${beacon.name} has never reported`);
      const facts = handbookOf({
        beacon,
        inventory,
        modules: modules(),
        ordered: job.purchase.modules,
        publicUrl,
        createdAt: now(),
      });
      const words = welcomeMail({ ...facts, invitation: await accounts.invitation(beacon.email) });
      await mails.send({ id, recipient: beacon.email, attachment: handbookIdOf(job.id), ...words });
    }
    // Somebody has retried the job, and means now, not at the end of a pause.
    if (state?.triedAt !== undefined && state.triedAt < job.enteredAt) await mails.tryAgain(id);
    const problem = state?.problem;
    if (problem !== undefined && now() - job.enteredAt > silenceMs) {
      return {
        next: `The beacon is up. The welcome mail to ${job.purchase.email} has not gone out yet: ${problem.message}.`,
        problem,
      };
    }
    const why = problem === undefined ? "" : `: ${problem.message}`;
    return { wait: `the mail server${why}`, ms: pauseMs(job.enteredAt, now()) };
  },
  undo: ({ mails }, job) => mails.withdraw(welcomeIdOf(job.id)),
} satisfies State;
