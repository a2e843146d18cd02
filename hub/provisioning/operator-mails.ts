import type { ProblemBody } from "#shared/problem.ts";
import type { Words } from "../mail/templates/letter.ts";
import { type OrderFacts, orderCalledOffMail, orderFailedMail } from "../mail/templates/operator.ts";
import type { Job } from "../store/jobs.ts";
import type { NewMail } from "../store/mails.ts";
import { calledOffIdOf, failedIdOf } from "./derived-ids.ts";
import type { StateContext } from "./state.ts";
import { workingState } from "./states/index.ts";

type MailContext = Pick<StateContext, "accounts" | "publicUrl" | "zone" | "now" | "deliverWithinHours">;

/** Tells each operator of a failure: a job that fails again in another round is another one. */
export const failureMails = (context: MailContext, job: Job, problem: ProblemBody | undefined): Promise<NewMail[]> =>
  toOperators(context, orderFailedMail(factsOf(context, job, problem)), (operator) =>
    failedIdOf(job.id, job.round, operator),
  );

/** Tells each operator that an order is called off. */
export const callOffMails = (context: MailContext, job: Job): Promise<NewMail[]> =>
  toOperators(context, orderCalledOffMail(factsOf(context, job, job.problem)), (operator) =>
    calledOffIdOf(job.id, operator),
  );

async function toOperators({ accounts, now }: MailContext, words: Words, idOf: (operator: string) => string) {
  const createdAt = now();
  return (await accounts.operators()).map((recipient) => ({
    ...words,
    id: idOf(recipient),
    recipient,
    attachment: undefined,
    createdAt,
  }));
}

function factsOf(context: MailContext, job: Job, problem: ProblemBody | undefined): OrderFacts {
  const { publicUrl, zone, deliverWithinHours: hours } = context;
  const { beaconName, email } = job.purchase;
  const doing = workingState(job.stoppedIn ?? job.state)?.title ?? job.state;
  return { domain: `${beaconName}.${zone}`, email, doing, problem, jobUrl: `${publicUrl}/jobs/${job.id}`, hours };
}
