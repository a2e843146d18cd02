import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface MachineLock {
  readonly name: string;
  readonly timeoutMs: number;
  /** Called once when another process has the lock. */
  readonly onWait: () => void;
}

/**
 * Does some work while no other process on this machine does work under the same name. The lock is an abstract Unix
 * socket: the kernel drops it with the process that holds it, so that none is ever left behind.
 * @throws {Error} when the lock does not come free in time.
 */
export async function withMachineLock<Result>(
  { name, timeoutMs, onWait }: MachineLock,
  work: () => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  let holder = await tryHold(name);
  if (holder === undefined) onWait();
  while (holder === undefined) {
    if (Date.now() > deadline) throw new Error(`another process has held "${name}" for ${timeoutMs / 1000} s`);
    await sleep(200);
    holder = await tryHold(name);
  }
  try {
    return await work();
  } finally {
    holder.close();
  }
}

const tryHold = (name: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(`\0${name}`, () => resolve(server));
  });
