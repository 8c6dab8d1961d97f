/** The evaluator as functions see it. */
import type { Host } from '../functions/index.js';
import { makeText } from './made-nodes.js';
import { keyOf, languageOf, nameOf, numberOf, textOf } from './nodes.js';
import { firstOf, inOrder } from './order.js';
import { policyHost } from './policy.js';
import { patternOf, type Run } from './run.js';
import { rowVisible, slotVisible } from './visibility.js';

export function hostOf(run: Run): Host {
  return {
    text: (node) => textOf(run, node),
    number: (node) => numberOf(run, node),
    name: (node) => nameOf(run, node),
    language: (node) => languageOf(run, node),
    key: (node) => keyOf(run, node),
    inOrder: (nodes) => inOrder(run, nodes),
    first: (nodes) => firstOf(run, nodes),
    byId: (tokens) => byId(run, tokens),
    textNodes: (values) => Uint32Array.from(values, (text) => makeText(run, text)),
    pattern: (source, flags) => patternOf(run, source, flags),
    spend: (units) => run.meter.spend(units),
    foresee: (ms) => run.meter.foresee(ms),
    toBuild(length) {
      run.meter.bytes(length);
    },
    built(text) {
      // a code unit is one to three bytes: only texts near the budget need counting
      if (text.length * 3 > run.meter.budget.bytes) run.meter.bytes(Buffer.byteLength(text));
      return text;
    },
    ...policyHost(run),
    now: run.now,
  };
}

/** Resources by id; in a plain document, elements whose DTD types an attribute as ID. What is not visible is not found. */
function byId(run: Run, tokens: Iterable<string>): Uint32Array {
  const { slots, strings, elementIds } = run.columns;
  const rows = new Set<number>();
  for (const token of tokens) {
    run.meter.spend(8);
    if (elementIds.size > 0) {
      const row = elementIds.get(strings.find(token));
      if (row !== undefined && rowVisible(run, row)) rows.add(row);
    } else {
      const { revision } = run.view;
      for (let slot = slots.find(token, revision); slot >= 0; slot = slots.twin(slot, revision)) {
        if (slotVisible(run, slot)) rows.add(slots.row(slot));
      }
    }
  }
  return Uint32Array.from(rows, (row) => row * 2).sort();
}
