/** `make` of each item, in order, with up to `depth` of them under way before the first is asked for. */
export async function* ahead<T, U>(source: AsyncIterable<T>, depth: number, make: (item: T) => Promise<U>): AsyncGenerator<U> {
  const iterator = source[Symbol.asyncIterator]();
  const underWay: Promise<IteratorResult<U>>[] = [];
  const start = (): void => {
    const next = iterator
      .next()
      .then(
        async (item): Promise<IteratorResult<U>> =>
          item.done === true ? { done: true, value: undefined } : { value: await make(item.value) },
      );
    // It is awaited in its turn; until then a rejection is nobody's surprise.
    next.catch(() => {});
    underWay.push(next);
  };
  try {
    for (let k = 0; k < depth; k++) start();
    for (;;) {
      const result = await (underWay.shift() as Promise<IteratorResult<U>>);
      if (result.done === true) return;
      start();
      yield result.value;
    }
  } finally {
    await Promise.allSettled(underWay);
    await iterator.return?.();
  }
}
