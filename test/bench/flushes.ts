import { open, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const PIECE = Buffer.alloc(4096, 1);
const PAUSE_MS = 200;

/**
 * Appends a piece to a file now and then and waits until it is on the disk: what nobody can be faster than who answers when something
 * is there for good.
 * @param file Is made, and removed at the end.
 * @returns milliseconds of each
 */
export async function measureFlushes(file: string, signal: AbortSignal): Promise<number[]> {
  const handle = await open(file, "w");
  const flushes: number[] = [];
  try {
    while (!signal.aborted) {
      const startedAt = performance.now();
      await handle.write(PIECE);
      await handle.datasync();
      flushes.push(performance.now() - startedAt);
      await sleep(PAUSE_MS);
    }
  } finally {
    await handle.close();
    await rm(file);
  }
  return flushes;
}
