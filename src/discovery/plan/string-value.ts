/** The string-value of one node, for those who write answers. */
import type { View } from '../columns/contract.js';
import type { Meter } from './meter.js';
import { textOf } from './nodes.js';
import { createRun } from './run.js';

const UNBOUNDED: Meter = {
  budget: { time: Number.POSITIVE_INFINITY, nodes: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
  spend: () => {},
  foresee: () => {},
  nodes: () => {},
  bytes: () => {},
};

/** §5: what string() of the node gives a caller with this view. `node` is a node of the columns, not a namespace node. */
export function stringValue(view: View, node: number): string {
  const run = createRun({
    view,
    meter: UNBOUNDED,
    variables: new Map(),
    now: undefined,
    policy: undefined,
    optimise: false,
    tracer: undefined,
    patterns: new Map(),
  });
  return textOf(run, node);
}
