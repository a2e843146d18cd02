/** Has only the answer to the newest question count: one that was overtaken on the way is older than what is known. */
export type TakeLatest = <Answer>(ask: () => Promise<Answer>, take: (answer: Answer) => void) => Promise<void>;

/** @returns asks and takes the answer; throws what asking threw, unless it was overtaken. */
export function createTakeLatest(): TakeLatest {
  let newest = 0;
  return async (ask, take) => {
    newest += 1;
    const mine = newest;
    try {
      const answer = await ask();
      if (mine === newest) take(answer);
    } catch (thrown) {
      if (mine === newest) throw thrown;
    }
  };
}
