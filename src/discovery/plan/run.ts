/** One evaluation: what its operators share. Data only; everything else is functions over it. */
import { type Columns, SUBTREE, type View } from '../columns/contract.js';
import type { Policy } from '../engine.js';
import { compilePattern, type Host, type Nodes, type Pattern, type Result } from '../functions/index.js';
import type { Condition } from './condition.js';
import { type Facts, factsOf } from './facts.js';
import type { MadeNode } from './made-nodes.js';
import type { Meter } from './meter.js';
import type { Tracer } from './trace.js';
import type { StringTest } from './value-test.js';

export interface Run {
  readonly view: View;
  readonly columns: Columns;
  readonly facts: Facts;
  readonly meter: Meter;
  /** the row columns; they do not move while an evaluation runs */
  readonly label: Uint32Array;
  readonly parent: Uint32Array;
  readonly data: Uint32Array;
  readonly link: Uint32Array;
  readonly rowCount: number;
  /** every row is visible: nothing needs to be asked */
  readonly all: boolean;
  /** string ids of the scope elements that are shown; undefined: all are */
  readonly scopes: ReadonlySet<number> | undefined;
  /** numeric order of nodes is document order */
  readonly ordered: boolean;
  readonly variables: ReadonlyMap<string, Result>;
  readonly now: number | undefined;
  /** what is known of leases and owners; undefined: nothing */
  readonly policy: Policy | undefined;
  /** values of parts that depend on no context, by plan id */
  readonly constants: Map<number, Result>;
  /** nodes in them */
  kept: number;
  /** namespace nodes and other nodes that no row stands for */
  readonly made: MadeNode[];
  madeKeys: Map<string, number> | undefined;
  readonly patterns: Map<string, Pattern>;
  readonly tests: Map<Condition, StringTest>;
  /** use operators that treat many nodes at once; off in tests that hold them against the plain evaluator */
  readonly optimise: boolean;
  readonly tracer: Tracer | undefined;
  /** the string that a hole in a plan stands for */
  hole: string;
  /** root rows of the visible resources, ascending; made when first needed */
  roots: Uint32Array | undefined;
  /** the same in document order */
  orderedRoots: Uint32Array | undefined;
  /** the evaluator as functions see it; made when the first function is called */
  host: Host | undefined;
}

export interface RunOptions {
  readonly view: View;
  readonly meter: Meter;
  readonly variables: ReadonlyMap<string, Result>;
  readonly now: number | undefined;
  readonly policy: Policy | undefined;
  readonly optimise: boolean;
  readonly tracer: Tracer | undefined;
  readonly patterns: Map<string, Pattern>;
}

export function createRun({ view, meter, variables, now, policy, optimise, tracer, patterns }: RunOptions): Run {
  const { columns } = view;
  const { rows } = columns;
  return {
    view,
    columns,
    facts: factsOf(columns),
    meter,
    label: rows.label,
    parent: rows.parent,
    data: rows.data,
    link: rows.link,
    rowCount: rows.count,
    all: view.slots === undefined && columns.allAlive && view.revision >= columns.revision,
    scopes: view.scopes,
    ordered: columns.orderIsRowOrder,
    variables,
    now,
    policy,
    constants: new Map(),
    kept: 0,
    made: [],
    madeKeys: undefined,
    patterns,
    tests: new Map(),
    optimise,
    tracer,
    hole: '',
    roots: undefined,
    orderedRoots: undefined,
    host: undefined,
  };
}

/** Last row of the subtree that starts at `row`: the row itself when it is no element with rows below. */
export function lastRow(run: Run, row: number): number {
  if (row === 0) return run.rowCount - 1;
  const data = run.data[row];
  // only elements have the bit: string ids stay below 2^31
  return data >= SUBTREE ? row + (data - SUBTREE) : row;
}

export const PATTERNS_KEPT = 64;

export function patternOf(run: Run, source: string, flags: string): Pattern {
  const key = `${flags}/${source}`;
  const known = run.patterns.get(key);
  if (known !== undefined) return known;
  if (run.patterns.size >= PATTERNS_KEPT) run.patterns.clear();
  const pattern = compilePattern(source, flags);
  run.patterns.set(key, pattern);
  return pattern;
}

export function isNodes(value: Result): value is Nodes {
  return value instanceof Uint32Array;
}
