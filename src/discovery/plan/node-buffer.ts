/** A growing list of nodes. Growing asks the budget first. */
import type { Meter } from './meter.js';

export const NO_NODES = new Uint32Array(0);

export class NodeBuffer {
  items: Uint32Array;
  length = 0;
  /** the nodes came in ascending order, without doubles */
  ascending = true;
  readonly #meter: Meter;

  constructor(meter: Meter, capacity = 16) {
    this.#meter = meter;
    this.items = new Uint32Array(capacity);
  }

  push(node: number): void {
    const at = this.length;
    if (at === this.items.length) this.#grow();
    if (at > 0 && this.items[at - 1] >= node) this.ascending = false;
    this.items[at] = node;
    this.length = at + 1;
  }

  /** Appends ascending rows as nodes: each times `factor`. */
  pushAll(rows: Uint32Array, factor: number): void {
    if (rows.length === 0) return;
    while (this.length + rows.length > this.items.length) this.#grow();
    const { items } = this;
    let at = this.length;
    if (at > 0 && items[at - 1] >= rows[0] * factor) this.ascending = false;
    for (let i = 0; i < rows.length; i++) items[at++] = rows[i] * factor;
    this.length = at;
  }

  /**
   * Appends those of ascending rows whose data is `wanted`, as nodes. Which they are cannot be foreseen: every row is written, and
   * only the length tells whether it stays, for a branch guessed wrong costs more than a write. (Shifted, not doubled: a product
   * may leave the 32 bits and is computed as a double.)
   */
  pushEqual(rows: Uint32Array, data: Uint32Array, wanted: number, text: 0 | 1): void {
    while (this.length + rows.length > this.items.length) this.#grow();
    const { items } = this;
    const from = this.length;
    let at = from;
    const { length } = rows;
    for (let i = 0; i < length; i++) {
      items[at] = (rows[i] << 1) | text;
      at += data[i] === wanted ? 1 : 0;
    }
    if (from > 0 && at > from && items[from - 1] >= items[from]) this.ascending = false;
    this.length = at;
  }

  /** Turns round what was pushed since `from`, which came in descending order; `before`: what came earlier was ascending. */
  reverse(from: number, before: boolean): void {
    if (this.length - from >= 2) this.items.subarray(from, this.length).reverse();
    this.ascending = before && (from === 0 || from === this.length || this.items[from - 1] < this.items[from]);
  }

  clear(): void {
    this.length = 0;
    this.ascending = true;
  }

  /** The nodes as pushed; shares memory with the buffer until the next push. */
  list(): Uint32Array {
    return this.items.subarray(0, this.length);
  }

  #grow(): void {
    this.#meter.nodes(this.length + 1);
    const larger = new Uint32Array(Math.max(16, this.items.length * 2));
    larger.set(this.items);
    this.items = larger;
  }
}
