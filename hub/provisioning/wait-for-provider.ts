import { Problem } from "#shared/problem.ts";
import type { Job } from "../store/jobs.ts";
import type { Outcome, StateContext } from "./state.ts";

const PAUSE_MS = 5 * 60_000;

/** Nobody is left who could make the server: waits for one to be set up, or asks all of them again after a while. */
export async function waitForProvider({ market }: Pick<StateContext, "market">, job: Job): Promise<Outcome> {
  if ((await market.offers()).every(({ weight }) => weight === 0)) {
    return { wait: "a provider to be set up", ms: PAUSE_MS, problem: none() };
  }
  await market.askAllAgain(job.id);
  return { wait: "a provider that has such a server", ms: PAUSE_MS, problem: soldOut() };
}

const none = () =>
  new Problem("unavailable", "no provider gets orders", {
    hint: "Put in the credentials of one under Providers, enable it and give it a weight: the order goes on by itself.",
  });

const soldOut = () =>
  new Problem("provider_out_of_stock", "no provider that gets orders makes such a server now", {
    hint: "They are asked again every five minutes. Enable another one, or have a limit raised.",
  });
