import type { Outcome } from "./change.ts";

/** Looks at several errands of one step, and fails only when none is under way any more, so that a retry meets a beacon at rest. */
export async function together<Item>(
  items: readonly Item[],
  look: (item: Item) => Promise<Outcome>,
  nothing: string,
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const item of items) outcomes.push(await look(item));
  const waits = outcomes.flatMap((one) => ("wait" in one ? [one] : []));
  const [first] = waits;
  if (first !== undefined) return { wait: first.wait, ms: Math.min(...waits.map(({ ms }) => ms)) };
  const failure = outcomes.find((one) => "fail" in one);
  if (failure !== undefined) return failure;
  return { next: outcomes.flatMap((one) => ("next" in one ? [one.next] : [])).join(" ") || nothing };
}
