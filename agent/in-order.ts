import { Problem } from "#shared/problem.ts";
import type { Link } from "./link.ts";
import type { Log } from "./log.ts";
import { writeOnceThereIsRoom } from "./store/room.ts";

/**
 * Does what the hub orders in the order in which it came. What finds no room on the disk holds up what is behind it, and is forgotten
 * with its link: the hub sends it again on the next one. An answer that is not on disk would be none.
 * @returns does it at once where nothing waits, and throws what it throws
 */
export function createInOrder(log: Log): (work: () => void, link: Link) => void {
  const waiting: { readonly work: () => void; readonly link: Link }[] = [];

  async function drain(): Promise<void> {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const { work, link } = next;
      const { signal } = link;
      const onFull = (problem: object) => log.error({ problem }, "an order of the hub waits for room on the disk");
      try {
        await writeOnceThereIsRoom(work, { signal, onFull });
      } catch (error) {
        if (!signal.aborted) log.error({ error }, "an order of the hub could not be taken in");
      }
      waiting.shift();
    }
  }

  return (work, link) => {
    if (waiting.length === 0) {
      try {
        return work();
      } catch (thrown) {
        if (Problem.wrap(thrown).code !== "disk_full") throw thrown;
      }
    }
    waiting.push({ work, link });
    if (waiting.length === 1) void drain();
  };
}
