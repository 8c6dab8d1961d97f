/**
 * [count(c:nodes/c:node) > 6], for all candidates at once: the rows at the end of the path and those of the candidates are two
 * ascending lists, and each candidate's count is how many of the former stand between it and the next one.
 */
import type { Classes } from './classes.js';
import { stepClasses } from './classes.js';
import { compareNumbers } from './compare.js';
import type { Condition } from './condition.js';
import { brief, describe } from './describe.js';
import { NodeBuffer } from './node-buffer.js';
import { intersect } from './order.js';
import type { Run } from './run.js';
import { nodesOfClasses, rowsOfLabel } from './scan.js';
import type { Candidates } from './sieve.js';
import { traced } from './trace.js';

/** Undefined when the candidates are of several labels, or few: then they are asked one by one. The path is of child and attribute steps. */
export function counted(run: Run, condition: Condition & { kind: 'count' }, { classes, nodes }: Candidates): Uint32Array | undefined {
  const [label] = classes.rows;
  if (classes.rows.length !== 1 || label === 0 || classes.texts.length > 0) return undefined;
  let end: Classes = classes;
  for (const step of condition.path.steps) end = stepClasses(run, end, step) as Classes;
  const { labels } = run.columns;
  const rows = end.rows.reduce((sum, each) => sum + labels.rowCount(each), labels.rowCount(label));
  if (nodes !== undefined && nodes.length * 16 < rows) return undefined;
  return traced(
    run,
    () => `count: ${brief(describe(condition.plan))}`,
    undefined,
    () => {
      const counts = nodesOfClasses(run, end);
      const owners = rowsOfLabel(run, label);
      const out = new NodeBuffer(run.meter);
      let at = 0;
      for (let k = 0; k < owners.length; k++) {
        const next = k + 1 < owners.length ? owners[k + 1] * 2 : NO_END;
        const from = at;
        while (at < counts.length && counts[at] < next) at++;
        if (compareNumbers(condition.op, at - from, condition.value)) out.push(owners[k] * 2);
      }
      run.meter.spend(owners.length);
      // owners that are not visible have a count of 0 here, as some that are
      return intersect(run, out.list(), nodes ?? nodesOfClasses(run, classes));
    },
  );
}

const NO_END = 0xffff_ffff;
