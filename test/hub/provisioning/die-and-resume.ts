import type { JobView, Order } from "#shared/api/hub.ts";
import type { Death } from "./mortal.ts";
import { isFinished, untilJob } from "./until.ts";
import type { World } from "./world.ts";

/**
 * Has an order carried out by a hub that dies as told and by the next one; by the first one alone where it does not die.
 * @returns the job in the end, and what the first hub did
 */
export async function dieAndResume(
  world: World,
  order: Order,
  death?: Death,
): Promise<{ readonly job: JobView; readonly calls: readonly string[] }> {
  const first = world.boot(death);
  const { id } = await first.provisioning.order(order, "op@example.org");
  first.start();
  if (death !== undefined) {
    await Promise.race([first.died, untilJob(first.provisioning, id, isFinished)]);
    // The dead one must not act on what the world still tells it.
    void first.stop();
  }
  const second = death === undefined ? first : world.boot();
  if (death !== undefined) second.start();
  const job = await untilJob(second.provisioning, id, isFinished);
  const calls = [...first.calls];
  await second.stop();
  return { job, calls };
}
