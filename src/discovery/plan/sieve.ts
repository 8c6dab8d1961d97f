/**
 * The sieve: which nodes meet all these conditions? Candidates are either given nodes, or all visible nodes of some classes,
 * which then need never be listed.
 *
 *     conditions ── the most selective first ──▶ its nodes, from postings or label lists (reach.ts)
 *                   each further one         ──▶ tested within what is left: by a semi-join when that is cheaper,
 *                                                by walking from each node (probe.ts) when few are left
 */
import { type Classes, classesOf, rowsUnder } from './classes.js';
import type { Condition } from './condition.js';
import { counted } from './counts.js';
import { brief, describe } from './describe.js';
import { estimate, WALK, weight } from './estimate.js';
import { truth } from './evaluate.js';
import { joined } from './join.js';
import { NO_NODES, NodeBuffer } from './node-buffer.js';
import { nth, nthFromTargets } from './nth.js';
import { intersect, unite, uniteAll, without } from './order.js';
import { meets } from './probe.js';
import { reached } from './reach.js';
import type { Run } from './run.js';
import { nodesOfClasses } from './scan.js';
import { traced } from './trace.js';
import { existenceTest } from './value-test.js';

export interface Candidates {
  readonly classes: Classes;
  /** undefined: all visible nodes of the classes */
  readonly nodes: Uint32Array | undefined;
}

/** Up to so many nodes are tested one by one without asking what else it could cost. */
const FEW = 8;

/** The given nodes that meet the conditions. */
export function sieve(run: Run, conditions: readonly Condition[], nodes: Uint32Array): Uint32Array {
  if (conditions.length === 0 || nodes.length === 0) return nodes;
  if (!run.optimise) return nodeByNode(run, conditions, nodes, (condition, node) => truth(run, condition.plan, node, 1, 1));
  const classes = nodes.length <= FEW ? undefined : classesOf(run, nodes);
  if (classes === undefined) return nodeByNode(run, conditions, nodes, (condition, node) => meets(run, condition, node));
  return sieveCandidates(run, conditions, { classes, nodes });
}

/** The candidates that meet the conditions, ascending. */
export function sieveCandidates(run: Run, conditions: readonly Condition[], candidates: Candidates): Uint32Array {
  const parts = flatten(conditions);
  let { classes, nodes } = candidates;
  for (const condition of parts) if (condition.kind === 'label') [classes, nodes] = ofLabels(run, condition, classes, nodes);
  const rest = parts.filter((condition) => condition.kind !== 'label');
  const ranked = rest.length < 2 ? rest : rank(run, rest, classes);
  for (const condition of ranked) {
    nodes = meeting(run, condition, { classes, nodes });
    if (nodes.length === 0) return NO_NODES;
  }
  return nodes ?? nodesOfClasses(run, classes);
}

function flatten(conditions: readonly Condition[]): Condition[] {
  return conditions.flatMap((condition) => (condition.kind === 'all' ? flatten(condition.parts) : [condition]));
}

function rank(run: Run, conditions: readonly Condition[], classes: Classes): Condition[] {
  return conditions
    .map((condition) => ({ condition, about: estimate(run, condition, classes) }))
    .sort((a, b) => weight(a.about) - weight(b.about))
    .map(({ condition }) => condition);
}

function nodeByNode(
  run: Run,
  conditions: readonly Condition[],
  nodes: Uint32Array,
  passes: (condition: Condition, node: number) => boolean,
): Uint32Array {
  const out = new NodeBuffer(run.meter, Math.min(nodes.length, 1024));
  for (let i = 0; i < nodes.length; i++) {
    run.meter.spend(1);
    if (conditions.every((condition) => passes(condition, nodes[i]))) out.push(nodes[i]);
  }
  return out.list();
}

/** Asks a label's question once for each label, of any of its rows. */
function ofLabels(run: Run, condition: Condition, classes: Classes, nodes: Uint32Array | undefined): [Classes, Uint32Array | undefined] {
  const answers = new Map<number, boolean>();
  const passes = (label: number): boolean => {
    let answer = answers.get(label);
    if (answer === undefined) {
      const [rows] = run.columns.labels.runs(label);
      answer = label === 0 ? truth(run, condition.plan, 0, 1, 1) : rows !== undefined && truth(run, condition.plan, rows[0] * 2, 1, 1);
      answers.set(label, answer);
    }
    return answer;
  };
  // a text has no name, whatever its label
  const [text] = classes.texts;
  const textsPass = text !== undefined && textPasses(run, condition, text);
  const left: Classes = { rows: classes.rows.filter(passes), texts: textsPass ? classes.texts : [] };
  return [left, nodes?.filter((node) => (node & 1 ? textsPass : passes(run.label[node >>> 1])))];
}

function textPasses(run: Run, condition: Condition, label: number): boolean {
  const [rows] = run.columns.labels.runs(label);
  return rows !== undefined && truth(run, condition.plan, rows[0] * 2 + 1, 1, 1);
}

/** The candidates that meet one condition. */
function meeting(run: Run, condition: Condition, candidates: Candidates): Uint32Array {
  const { classes, nodes } = candidates;
  switch (condition.kind) {
    case 'fixed':
      return truth(run, condition.plan, 0, 1, 1) ? listed(run, candidates) : NO_NODES;
    case 'all':
      return sieveCandidates(run, condition.parts, candidates);
    case 'any':
      return anyOf(run, condition.parts, candidates);
    case 'none': {
      const all = listed(run, candidates);
      return traced(
        run,
        () => `not: ${brief(describe(condition.part.plan))}`,
        undefined,
        () => without(run, all, sieveCandidates(run, [condition.part], { classes, nodes: all })),
      );
    }
    case 'label': {
      const [left, kept] = ofLabels(run, condition, classes, nodes);
      return kept ?? nodesOfClasses(run, left);
    }
    case 'reach': {
      const existence = existenceTest(run, condition.test);
      if (existence !== undefined) return byExistence(run, condition, existence, candidates);
      return worthWalking(run, condition, candidates) ? walked(run, condition, candidates) : reached(run, condition, candidates);
    }
    case 'first':
      return worthWalking(run, condition, candidates) ? walked(run, condition, candidates) : reached(run, condition, candidates);
    case 'nth':
      return nthFromTargets(run, condition, candidates) ?? nth(run, condition, listed(run, candidates), classes);
    case 'count':
      return counted(run, condition, candidates) ?? walked(run, condition, candidates);
    case 'join':
      return joined(run, condition, candidates);
    case 'each':
      return walked(run, condition, candidates);
  }
}

function listed(run: Run, { classes, nodes }: Candidates): Uint32Array {
  if (nodes !== undefined) return nodes;
  return traced(
    run,
    () => `all rows of ${classes.rows.length + classes.texts.length} labels`,
    () => rowsUnder(run, classes),
    () => nodesOfClasses(run, classes),
  );
}

/** Is it cheaper to walk from each candidate than to find all nodes that meet the condition? */
function worthWalking(run: Run, condition: Condition & { kind: 'reach' | 'first' }, { classes, nodes }: Candidates): boolean {
  if (nodes === undefined) return false;
  if (nodes.length <= FEW) return true;
  return nodes.length * WALK * (condition.path.steps.length + 1) < estimate(run, condition, classes).cost;
}

function walked(run: Run, condition: Condition, candidates: Candidates): Uint32Array {
  const nodes = listed(run, candidates);
  return traced(
    run,
    () => `walk from each: ${brief(describe(condition.plan))}`,
    undefined,
    () => nodeByNode(run, [condition], nodes, (each, node) => meets(run, each, node)),
  );
}

/** Many alternatives are each looked up on their own; over given nodes, each is asked of those that none before it took. */
function anyOf(run: Run, parts: readonly Condition[], { classes, nodes }: Candidates): Uint32Array {
  return traced(
    run,
    () => `any of ${parts.length}`,
    undefined,
    () => {
      const lookUp =
        nodes === undefined || parts.reduce((cost, part) => cost + estimate(run, part, classes).cost, 0) < nodes.length * WALK * 2;
      if (lookUp) {
        const found = uniteAll(run, eachPart(run, parts, classes));
        return nodes === undefined ? found : intersect(run, nodes, found);
      }
      const taken: Uint32Array[] = [];
      let left = nodes;
      for (const part of parts) {
        if (left.length === 0) break;
        const found = sieveCandidates(run, [part], { classes, nodes: left });
        if (found.length === 0) continue;
        taken.push(found);
        left = without(run, left, found);
      }
      return unite(run, taken);
    },
  );
}

function* eachPart(run: Run, parts: readonly Condition[], classes: Classes): Generator<Uint32Array, void, undefined> {
  for (const part of parts) yield sieveCandidates(run, [part], { classes, nodes: undefined });
}

/** x = true() asks whether there is an x, x = false() whether there is none. */
function byExistence(
  run: Run,
  condition: Condition & { kind: 'reach' },
  { some, none }: { some: boolean; none: boolean },
  candidates: Candidates,
): Uint32Array {
  if (some && none) return listed(run, candidates);
  if (!some && !none) return NO_NODES;
  const { test: _, ...exists } = condition;
  if (some) return meeting(run, exists, candidates);
  const all = listed(run, candidates);
  return without(run, all, meeting(run, exists, { classes: candidates.classes, nodes: all }));
}
