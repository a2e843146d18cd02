interface Waiting {
  readonly lane: string;
  readonly work: () => Promise<void>;
}

export interface Lanes {
  /** Runs `work` once its lane is free and fewer than the limit run; first come, first served. It must not throw. */
  add(lane: string, work: () => Promise<void>): void;
  /** Starts nothing more, and resolves once nothing runs any more. */
  close(): Promise<void>;
}

/** One piece of work at a time in each lane, and at most `limit` at a time over all lanes. */
export function createLanes(limit: number): Lanes {
  const waiting: Waiting[] = [];
  const running = new Map<string, Promise<void>>();
  let closed = false;

  function next(): void {
    while (!closed && running.size < limit) {
      const index = waiting.findIndex(({ lane }) => !running.has(lane));
      const [chosen] = index === -1 ? [] : waiting.splice(index, 1);
      if (chosen === undefined) return;
      const { lane, work } = chosen;
      const ended = work().finally(() => {
        running.delete(lane);
        next();
      });
      running.set(lane, ended);
    }
  }

  return {
    add: (lane, work) => {
      waiting.push({ lane, work });
      next();
    },
    close: async () => {
      closed = true;
      await Promise.all(running.values());
    },
  };
}
