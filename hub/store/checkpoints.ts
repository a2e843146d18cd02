import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * Copies the log of a database into its file, from a thread of its own: a checkpoint flushes the file to the disk, and within a commit
 * everything would stand still for it. The database has to be opened with `checkpoints: "elsewhere"`.
 * https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
 * @param onError Told when the thread has died: the log grows then until the database is opened again.
 * @returns ends the thread
 */
export function startCheckpoints(file: string, onError: (error: unknown) => void): () => Promise<void> {
  // Beside this file in the sources; the bundle of the hub is one folder above it.
  const beside = import.meta.url.endsWith(".ts") ? "./checkpoint-thread.ts" : "./store/checkpoint-thread.js";
  const thread = new Worker(new URL(beside, import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  });
  thread.on("error", onError);
  thread.unref();
  const ended = once(thread, "exit");
  return async () => {
    thread.postMessage("end");
    await ended;
  };
}
