/**
 * Predicates that count: [3], [last()], [position() mod 2 = 1]. Positions run within the list that one context node's step
 * gives, in the axis' order, and begin anew after each predicate.
 */

import { walkAxis } from './axes.js';
import type { Classes } from './classes.js';
import { evaluate, truth } from './evaluate.js';
import { NodeBuffer } from './node-buffer.js';
import { parentOf } from './nodes.js';
import { asSet, inOrder, memberOf, sortUnique, unite } from './order.js';
import type { Run } from './run.js';
import { nodesOfClasses } from './scan.js';
import { sieve } from './sieve.js';
import type { PlanStep, Predicate } from './tree.js';

/** The nodes of a list that pass the predicates, one after the other. The list is in the order in which it is counted. */
export function passPredicates(run: Run, list: Uint32Array, predicates: readonly Predicate[]): Uint32Array {
  let left = list;
  for (const predicate of predicates) {
    if (left.length === 0) break;
    left = passPredicate(run, left, predicate);
  }
  return left;
}

function passPredicate(run: Run, list: Uint32Array, predicate: Predicate): Uint32Array {
  const size = list.length;
  switch (predicate.kind) {
    case 'index': {
      const { index } = predicate;
      return Number.isInteger(index) && index >= 1 && index <= size ? list.subarray(index - 1, index) : list.subarray(0, 0);
    }
    case 'last':
      return list.subarray(size - 1);
    case 'free': {
      // few nodes are asked one by one; many at once, whatever the order of the list
      if (size < 16) return list.filter((node) => truth(run, predicate.plan, node, 1, 1));
      const passed = memberOf(run, sieve(run, [predicate.condition], sortUnique(run, list.slice())));
      return list.filter((node) => passed(node));
    }
    case 'counted': {
      const kept = new NodeBuffer(run.meter);
      for (let i = 0; i < size; i++) {
        const value = evaluate(run, predicate.plan, list[i], i + 1, size);
        run.meter.spend(1);
        if (typeof value === 'number' ? value === i + 1 : value instanceof Uint32Array ? value.length > 0 : value !== '' && value !== false)
          kept.push(list[i]);
      }
      return kept.list();
    }
  }
}

/** A step with counting predicates, from each context node for itself. */
export function takeCountingStep(run: Run, nodes: Uint32Array, step: PlanStep): Uint32Array {
  const out = new NodeBuffer(run.meter);
  const list = new NodeBuffer(run.meter);
  const [first] = step.predicates;
  const limit = first?.kind === 'index' ? Math.max(0, first.index) : Number.POSITIVE_INFINITY;
  for (let i = 0; i < nodes.length; i++) {
    list.clear();
    walkAxis(run, nodes[i], step.axis, step.test, list, limit);
    const passed = passPredicates(run, list.list(), step.predicates);
    for (let k = 0; k < passed.length; k++) out.push(passed[k]);
    run.meter.spend(2);
  }
  return asSet(run, out);
}

/**
 * A step to children that counts them, from all nodes above at once: the children's classes, taken level by level, come
 * grouped by parent.
 */
export function takeCountingChildren(run: Run, classes: Classes, step: PlanStep): Uint32Array {
  const { labels } = run.columns;
  const levels = new Map<number, { rows: number[]; texts: number[] }>();
  const at = (depth: number): { rows: number[]; texts: number[] } => {
    const level = levels.get(depth) ?? { rows: [], texts: [] };
    levels.set(depth, level);
    return level;
  };
  for (const label of classes.rows) at(labels.depth(label)).rows.push(label);
  for (const label of classes.texts) at(labels.depth(label) + 1).texts.push(label);
  const results: Uint32Array[] = [];
  for (const [depth, level] of levels) {
    const all = nodesOfClasses(run, level);
    results.push(countAmongSiblings(run, depth === 1 ? inOrder(run, all) : all, step.predicates));
  }
  return unite(
    run,
    results.map((nodes) => sortUnique(run, nodes.slice())),
  );
}

/** The list holds the siblings of each parent together and in order. */
function countAmongSiblings(run: Run, list: Uint32Array, predicates: readonly Predicate[]): Uint32Array {
  let left = list;
  for (const predicate of predicates) {
    if (left.length === 0) break;
    if (predicate.kind === 'free') {
      const passed = memberOf(run, sieve(run, [predicate.condition], sortUnique(run, left.slice())));
      left = left.filter((node) => passed(node));
      continue;
    }
    const out = new NodeBuffer(run.meter);
    for (let from = 0; from < left.length; ) {
      const parent = parentOf(run, left[from]);
      let to = from + 1;
      while (to < left.length && parentOf(run, left[to]) === parent) to++;
      const passed = passPredicate(run, left.subarray(from, to), predicate);
      for (let i = 0; i < passed.length; i++) out.push(passed[i]);
      run.meter.spend(to - from + 2);
      from = to;
    }
    left = out.list();
  }
  return left;
}
