import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import type { HandbookFacts } from "./handbook-facts.ts";

const Document = z.instanceof(Uint8Array);
const MOST_MEMORY_MB = 256;

/**
 * `renderHandbook` on a thread of its own. What sets type takes 15 MB, which go with the thread, and a seventh of a second, in which a hub
 * would answer nobody.
 * @returns a PDF @throws {Problem} `internal` with what ended the thread as its cause
 */
export async function writeHandbook(facts: HandbookFacts): Promise<Uint8Array> {
  // Beside this file in the sources; the bundle of the hub is one folder above it.
  const beside = import.meta.url.endsWith(".ts") ? "./handbook-thread.ts" : "./documents/handbook-thread.js";
  const thread = new Worker(new URL(beside, import.meta.url), {
    workerData: facts,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const ended = new AbortController();
  // What it has sent comes before this: https://nodejs.org/docs/latest-v24.x/api/worker_threads.html#event-exit
  thread.once("exit", () => ended.abort());
  try {
    const [document] = await once(thread, "message", { signal: ended.signal });
    return Document.parse(document);
  } catch (cause) {
    throw new Problem("internal", "the handbook could not be written", { cause });
  }
}
