/**
 * Was it linearizable? A checker for histories of one register that several clients read, write and compare-and-set, some of
 * whose requests were never answered.
 *
 * Wing and Gong's search: take any operation that had begun before every unfinished one ended, see whether the register allows
 * it, go on; go back where it does not. What has been tried is remembered (Lowe's improvement): the set of operations done and the
 * value are all that the rest depends on.
 */
export type Operation =
  | { readonly kind: 'read' /** undefined: absent */; readonly value: string | undefined }
  | { readonly kind: 'write'; readonly value: string | undefined }
  /** `ok`: it was done, because the register held `expected`; otherwise it did not hold it */
  | { readonly kind: 'swap'; readonly expected: string | undefined; readonly value: string | undefined; readonly ok: boolean };

export interface Recorded {
  readonly operation: Operation;
  readonly from: number;
  /** Infinity: never answered; it may have happened, at any time after `from`, or not at all */
  readonly to: number;
}

/** Undefined: it was. Otherwise the longest part of the history that could be put in order. */
export function violation(history: readonly Recorded[], initial: string | undefined): readonly Recorded[] | undefined {
  const byStart = [...history].sort((a, b) => a.from - b.from);
  const done = new Uint8Array(byStart.length);
  const seen = new Set<string>();
  const order: number[] = [];
  let best: number[] = [];
  let left = byStart.filter(({ to }) => to !== Number.POSITIVE_INFINITY).length;

  // Its own stack: a history may be longer than the engine's.
  const stack: { value: string | undefined; candidates: number[] }[] = [{ value: initial, candidates: candidates() }];
  while (stack.length > 0) {
    if (left === 0) return undefined;
    const top = stack[stack.length - 1] as (typeof stack)[number];
    const next = top.candidates.pop();
    if (next === undefined) {
      stack.pop();
      const undone = order.pop();
      if (undone !== undefined) {
        done[undone] = 0;
        if (byStart[undone]?.to !== Number.POSITIVE_INFINITY) left++;
      }
      continue;
    }
    const after = applied((byStart[next] as Recorded).operation, top.value, byStart[next]?.to === Number.POSITIVE_INFINITY);
    if (after === REFUSED) continue;
    done[next] = 1;
    const key = `${after.value ?? '\u0000'} ${stateKey()}`;
    if (seen.has(key)) {
      done[next] = 0;
      continue;
    }
    seen.add(key);
    order.push(next);
    if (byStart[next]?.to !== Number.POSITIVE_INFINITY) left--;
    if (order.length > best.length) best = [...order];
    stack.push({ value: after.value, candidates: candidates() });
  }
  return best.map((k) => byStart[k] as Recorded);

  /** Those that may be the next one: not done, and begun before any other that is not done was answered. */
  function candidates(): number[] {
    let earliest = Number.POSITIVE_INFINITY;
    const found: number[] = [];
    for (let k = 0; k < byStart.length; k++) {
      const { from, to } = byStart[k] as Recorded;
      if (done[k] === 1) continue;
      if (from > earliest) break;
      found.push(k);
      earliest = Math.min(earliest, to);
    }
    // The one that began first is tried first.
    return found.filter((k) => (byStart[k] as Recorded).from <= earliest).reverse();
  }

  /** What is done, without the long beginning in which everything is. */
  function stateKey(): string {
    let first = 0;
    while (done[first] === 1) first++;
    let last = done.length - 1;
    while (last > first && done[last] !== 1) last--;
    return `${first}:${Buffer.from(done.subarray(first, last + 1)).toString('latin1')}`;
  }
}

const REFUSED = Symbol('refused');

function applied(
  operation: Operation,
  value: string | undefined,
  unanswered: boolean,
): { readonly value: string | undefined } | typeof REFUSED {
  switch (operation.kind) {
    case 'read':
      return operation.value === value ? { value } : REFUSED;
    case 'write':
      return { value: operation.value };
    case 'swap':
      if (unanswered) return operation.expected === value ? { value: operation.value } : REFUSED;
      if (operation.ok) return operation.expected === value ? { value: operation.value } : REFUSED;
      return operation.expected !== value ? { value } : REFUSED;
  }
}
