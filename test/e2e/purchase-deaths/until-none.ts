import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 250;
/** Twice the longest pause that the hub makes between two tries. */
const SILENCE_MS = 120_000;

/**
 * Waits until nothing is open any more, however slow the machine is: as long as something gets on.
 * @param look What is open, in words that change when it gets on.
 * @throws {Error} with those words, when they have been the same for two minutes
 */
export async function untilNone(what: string, look: () => Promise<readonly string[]>): Promise<void> {
  let seen = "";
  let changedAt = Date.now();
  for (;;) {
    const open = await look();
    if (open.length === 0) return;
    const picture = open.join("\n");
    if (picture !== seen) changedAt = Date.now();
    seen = picture;
    if (Date.now() - changedAt > SILENCE_MS) throw new Error(`${what}: nothing gets on any more:\n${picture}`);
    await sleep(LOOK_MS);
  }
}
