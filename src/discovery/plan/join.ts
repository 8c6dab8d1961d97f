/**
 * Value joins within a document: [n:gateway = h:address]. Where both sides are paths of child and attribute steps, both lists
 * of values come from their labels and are laid side by side, grouped by the candidate they belong to; otherwise each
 * candidate that reaches something on both sides is asked for itself.
 *
 *     gateways   12 14 | 80 | 131          addresses   17 | 85 86 | 140        rows
 *     candidate   10     70   130                      10    70     130        compared group by group
 */
import { SUBTREE } from '../columns/contract.js';
import type { Classes } from './classes.js';
import { stepClasses } from './classes.js';
import { compareValues } from './compare.js';
import { type Condition, isChain } from './condition.js';
import { brief, describe } from './describe.js';
import { truth } from './evaluate.js';
import { NO_NODES, NodeBuffer } from './node-buffer.js';
import { asSet, memberOf } from './order.js';
import type { Run } from './run.js';
import { nodesOfClasses, rowsOfLabel, valuesOfLabel } from './scan.js';
import { type Candidates, sieveCandidates } from './sieve.js';
import { traced } from './trace.js';
import { isPath, type PathPlan, type Plan } from './tree.js';
import { inVisibleResource } from './visibility.js';

type Join = Condition & { kind: 'join' };

export function joined(run: Run, condition: Join, candidates: Candidates): Uint32Array {
  const { left, right } = condition;
  const depth = candidates.nodes === undefined || candidates.nodes.length > 64 ? commonDepth(run, candidates.classes) : undefined;
  if (depth !== undefined && isChain(left) && isChain(right)) return sideBySide(run, condition, left, right, candidates);
  const nodes = sieveCandidates(run, [side(left, condition), side(right, condition)], candidates);
  return traced(
    run,
    () => `compare for each: ${brief(describe(condition.plan))}`,
    undefined,
    () => nodes.filter((node) => truth(run, condition.plan, node, 1, 1)),
  );
}

/** A side of the comparison as a condition: something is there to compare. */
function side(plan: Plan, { plan: whole }: Join): Condition {
  const exists: Plan = { id: whole.id, type: 'boolean', at: whole.at, usesNode: true, usesPosition: false, op: 'exists', operand: plan };
  const plain =
    isPath(plan) &&
    plan.start === 'context' &&
    plan.steps.every((step) => step.axis !== 'namespace' && step.predicates.every((predicate) => predicate.kind === 'free'));
  return plain ? { kind: 'reach', path: plan, target: [], plan: exists } : { kind: 'each', plan: exists };
}

/** The depth that all classes share; values then come grouped by candidate when they come in order. */
function commonDepth(run: Run, classes: Classes): number | undefined {
  const depths = new Set(classes.rows.map((label) => run.columns.labels.depth(label)));
  const [depth] = depths;
  return depths.size === 1 && depth > 0 && classes.texts.length === 0 ? depth : undefined;
}

function sideBySide(run: Run, condition: Join, left: PathPlan, right: PathPlan, candidates: Candidates): Uint32Array {
  return traced(
    run,
    () => `join: ${brief(describe(condition.plan))}`,
    undefined,
    () => {
      const a = values(run, left, candidates.classes);
      const b = values(run, right, candidates.classes);
      if (a.nodes.length === 0 || b.nodes.length === 0) return NO_NODES;
      // every candidate's row, seen or not: where the next one begins, all that belongs to the last has ended
      const owners =
        candidates.classes.rows.length === 1 ? rowsOfLabel(run, candidates.classes.rows[0]) : mergedRows(run, candidates.classes.rows);
      const allowed = candidates.nodes === undefined ? inVisibleResource(run) : memberOfRows(run, candidates.nodes);
      const { compare } = condition.plan as Plan & { op: 'compare' };
      const out = new NodeBuffer(run.meter);
      let i = 0;
      let j = 0;
      for (let k = 0; k < owners.length && i < a.nodes.length && j < b.nodes.length; k++) {
        const end = k + 1 < owners.length ? owners[k + 1] * 2 : NO_END;
        const fromA = i;
        while (i < a.nodes.length && a.nodes[i] < end) i++;
        const fromB = j;
        while (j < b.nodes.length && b.nodes[j] < end) j++;
        if (i === fromA || j === fromB) continue;
        const lone = compare === '=' && i - fromA === 1 && j - fromB === 1 && a.data[fromA] < SUBTREE && b.data[fromB] < SUBTREE;
        if (lone && a.data[fromA] !== b.data[fromB]) continue;
        if (!allowed(owners[k])) continue;
        if (lone || compareValues(run, compare, a.nodes.subarray(fromA, i), b.nodes.subarray(fromB, j))) out.push(owners[k] * 2);
      }
      run.meter.spend(owners.length + a.nodes.length + b.nodes.length);
      return out.list();
    },
  );
}

const NO_END = 0xffff_ffff;

function memberOfRows(run: Run, nodes: Uint32Array): (row: number) => boolean {
  const isMember = memberOf(run, nodes);
  return (row) => isMember(row * 2);
}

function mergedRows(run: Run, labels: readonly number[]): Uint32Array {
  const rows = new NodeBuffer(run.meter);
  for (const label of labels) rows.pushAll(rowsOfLabel(run, label), 1);
  return asSet(run, rows);
}

interface Values {
  readonly nodes: Uint32Array;
  readonly data: Uint32Array;
}

/** What a path of child steps reaches, dead and hidden nodes of one label included: their owners are asked for. */
function values(run: Run, path: PathPlan, from: Classes): Values {
  let classes = from;
  for (const step of path.steps) classes = stepClasses(run, classes, step) as Classes;
  const [label] = classes.rows;
  if (classes.rows.length === 1 && classes.texts.length === 0 && run.facts.scoped[label] === 0) {
    const { rows, data } = valuesOfLabel(run, label);
    for (let i = 0; i < rows.length; i++) rows[i] *= 2;
    return { nodes: rows, data };
  }
  const nodes = nodesOfClasses(run, classes);
  return { nodes, data: nodes.map((node) => run.data[node >>> 1]) };
}
