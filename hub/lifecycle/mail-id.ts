import { hashOf } from "#shared/hash.ts";

/** Of the one mail about a job to somebody. */
export const mailIdOf = (job: string, to: string): string => `mail_${hashOf(["lifecycle", job, to]).slice(0, 32)}`;
