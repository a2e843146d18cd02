import { Problem } from "#shared/problem.ts";
import type { Provider } from "../providers/provider.ts";
import type { Job } from "../store/jobs.ts";
import { beaconIdOf } from "./derived-ids.ts";
import type { StateContext } from "./state.ts";

/** Removes every VPS that a provider has of a job. */
export async function removeVpsOf(provider: Pick<Provider, "find" | "remove">, job: Job): Promise<void> {
  const labels = { "wopr-beacon": beaconIdOf(job.id) };
  for (let vps = await provider.find(labels); vps !== undefined; vps = await provider.find(labels)) {
    await provider.remove(vps.id);
  }
}

/**
 * Removes what any provider that was ever asked has of a job. Whoever said that it had nothing may have made something all the same, when
 * an answer was lost.
 * @param keep The provider whose VPS stays.
 * @returns what went wrong, by provider: one that is away does not hold up the others
 */
export async function removeLeftovers({ market }: Pick<StateContext, "market">, job: Job, keep?: string) {
  const problems: { readonly provider: string; readonly problem: Problem }[] = [];
  for (const provider of await market.asked(job.id)) {
    if (provider === keep) continue;
    try {
      await removeVpsOf(await market.open(provider), job);
    } catch (thrown) {
      problems.push({ provider, problem: Problem.wrap(thrown) });
    }
  }
  return problems;
}
