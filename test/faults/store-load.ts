/**
 * A load whose outcome can be told: writer `w` of a round does `changesOf(w, 0)`, then `changesOf(w, 1)` and so on, one at a time.
 * So after a crash its resources must be those after its last acknowledged write, or after the one that was on its way.
 */
import type { Change } from '../../src/model/index.js';

const SLOTS = 20;

/** The ids that a write of the load puts (true) and removes (false). Mostly one, sometimes three that belong together. */
export function effects(writer: string, n: number): readonly (readonly [id: string, put: boolean])[] {
  const id = (slot: number) => `${writer}-${slot % SLOTS}`;
  if (n < SLOTS || n % 5 !== 0) return [[id(n), true]];
  return [
    [id(n), true],
    [id(n + 3), false],
    [id(n + 7), true],
  ];
}

export function changesOf(writer: string, n: number, held: ReadonlyMap<string, unknown>): readonly Change[] {
  const changes: Change[] = [];
  for (const [id, put] of effects(writer, n)) {
    if (put) changes.push({ kind: 'put', id, xml: documentOf(id, n) });
    else if (held.has(id)) changes.push({ kind: 'remove', id });
  }
  return changes;
}

/** The state after `writes` writes: id → the write that put it there. */
export function stateAfter(writer: string, writes: number): Map<string, number> {
  const state = new Map<string, number>();
  for (let n = 0; n < writes; n++) applyTo(state, writer, n);
  return state;
}

export function applyTo(state: Map<string, number>, writer: string, n: number): void {
  for (const [id, put] of effects(writer, n)) {
    if (put) state.set(id, n);
    else state.delete(id);
  }
}

/** About 2.4 KB that differ in every write. */
export function documentOf(id: string, n: number): Uint8Array {
  return new TextEncoder().encode(`<r id="${id}" n="${n}">${`${id}/${n} `.repeat(2400).slice(0, 2400)}</r>`);
}
