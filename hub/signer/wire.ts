import { z } from "zod";
import { ProblemBody } from "#shared/problem.ts";
import { SignedStatement } from "#shared/protocol/statement.ts";

/** Longest line in either direction, in characters. A statement may have half of it. */
export const LONGEST_LINE = 1024 * 1024;

const number = z.number().int().nonnegative();

/** One line of JSON for each: what the hub asks of the signer's process. */
export const SignerRequest = z.discriminatedUnion("ask", [
  z.strictObject({ number, ask: z.literal("sign"), kind: z.string(), payload: z.record(z.string(), z.unknown()) }),
  z.strictObject({ number, ask: z.literal("keys") }),
  z.strictObject({ number, ask: z.literal("prepare") }),
  z.strictObject({ number, ask: z.literal("activate") }),
]);
export type SignerRequest = z.output<typeof SignerRequest>;

const PublicKeys = z.object({
  active: z.string(),
  keys: z.record(z.string(), z.string()),
  successions: z.array(z.object({ key: z.string(), statement: SignedStatement })),
});

/** And what comes back, in any order. */
export const SignerAnswer = z.union([
  z.strictObject({ number, statement: SignedStatement }),
  z.strictObject({ number, keys: PublicKeys }),
  z.strictObject({ number, problem: ProblemBody }),
]);
export type SignerAnswer = z.output<typeof SignerAnswer>;
