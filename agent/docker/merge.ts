/** Values of several sources as they come; the order within each source stays. The first error ends all of them. */
export async function* mergeInto<Value>(sources: readonly AsyncGenerator<Value>[]): AsyncGenerator<Value> {
  const next = async (source: AsyncGenerator<Value>) => ({ source, result: await source.next() });
  const waiting = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values());
      if (result.done === true) {
        waiting.delete(source);
        continue;
      }
      waiting.set(source, next(source));
      yield result.value;
    }
  } finally {
    for (const pending of waiting.values()) pending.catch(() => undefined);
  }
}
