import { hashOf } from "#shared/hash.ts";

/**
 * Ids that come from the job alone: whoever does a step again finds what the first attempt made, instead of making a
 * second one.
 */
const derive = (prefix: string, ...of: readonly (string | number)[]) => `${prefix}_${hashOf(of).slice(0, 32)}`;

export const beaconIdOf = (job: string) => derive("beacon", job);

export const handbookIdOf = (job: string) => derive("doc", job, "handbook");

export const orderReceivedIdOf = (job: string) => derive("mail", job, "order-received");

export const welcomeIdOf = (job: string) => derive("mail", job, "welcome");

/** @param round How often it had failed before. */
export const failedIdOf = (job: string, round: number, operator: string) =>
  derive("mail", job, "failed", round, operator);

export const calledOffIdOf = (job: string, operator: string) => derive("mail", job, "called-off", operator);

/** @param attempt The round of the job and the try within it: a failed command is never sent again under its old id. */
export const installIdOf = (job: string, module: string, attempt: { readonly round: number; readonly nth: number }) =>
  derive("cmd", job, module, attempt.round, attempt.nth);
