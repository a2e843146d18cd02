/** Runs work of one lane one after the other, and of different lanes side by side. */
export type Lanes = <T>(lane: string, work: () => Promise<T>) => Promise<T>;

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return (lane, work) => {
    const before = tails.get(lane) ?? Promise.resolve();
    const mine = before.then(work, work);
    tails.set(lane, mine);
    const forget = () => {
      if (tails.get(lane) === mine) tails.delete(lane);
    };
    mine.then(forget, forget);
    return mine;
  };
}
