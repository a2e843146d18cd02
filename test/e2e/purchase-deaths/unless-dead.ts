import { LinkClosed } from "#test/hub/test-agent.ts";

/** What a connection ends with when its other side dies, or is not there: https://nodejs.org/api/errors.html, https://undici.nodejs.org/#/docs/api/Errors */
const broken: readonly unknown[] = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];

/** `fetch` throws a `TypeError` with what the socket said as its cause. */
const isBroken = (thrown: unknown): boolean =>
  thrown instanceof LinkClosed ||
  (thrown instanceof TypeError &&
    thrown.cause instanceof Error &&
    "code" in thrown.cause &&
    broken.includes(thrown.cause.code));

/** @returns nothing when the hub is not there, or died meanwhile @throws whatever else is wrong */
export const unlessDead = <Answer>(asked: Promise<Answer>): Promise<Answer | undefined> =>
  asked.catch((thrown: unknown) => {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  });
