import { Problem } from "#shared/problem.ts";
import type { ProviderTools } from "../provider.ts";

type Clock = Pick<ProviderTools, "now" | "sleep">;
/** Wrapped, so that nothing at all can be what was waited for. */
type Look<T> = () => Promise<{ readonly done: T } | undefined>;

const POLL_MS = 2000;
/** Some changes of a VPS move its disk to another host. */
const LONGEST_MS = 20 * 60_000;

/** Looks every two seconds until it is done. @returns `undefined` when it is not within that time */
export async function awaitWithin<T>(
  { now, sleep }: Clock,
  ms: number,
  look: Look<T>,
): Promise<{ done: T } | undefined> {
  for (const deadline = now() + ms; ; await sleep(POLL_MS)) {
    const seen = await look();
    if (seen !== undefined || now() >= deadline) return seen;
  }
}

/** As `awaitWithin`, for twenty minutes. @throws {Problem} `provider_unavailable` when it is not done by then */
export async function awaitDone<T>(clock: Clock, what: string, look: Look<T>): Promise<T> {
  const seen = await awaitWithin(clock, LONGEST_MS, look);
  if (seen !== undefined) return seen.done;
  throw new Problem("provider_unavailable", `${what} takes more than ${LONGEST_MS / 60_000} minutes`, {
    hint: "It is tried again. If it stays so, look at it in the console of the vendor.",
  });
}
