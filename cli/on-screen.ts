import { pause } from "#shared/pause.ts";
import type { Terminal } from "./command.ts";

/** Goes to the top left corner and clears what is below (ECMA-48). */
export const CLEAR = "\u001b[H\u001b[J";

const EVERY_MS = 2_000;

/** Prints a page again and again until the person has enough; on a terminal each one in place of the one before. */
export async function keepOnScreen({ print, signal, streams }: Terminal, page: () => Promise<string>): Promise<void> {
  while (!signal.aborted) {
    print(`${streams.output.isTTY === true ? CLEAR : ""}${await page()}`);
    await pause(EVERY_MS, signal);
  }
}
