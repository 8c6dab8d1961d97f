/** What operators did, for `explain`: an operator opens its line, works (its inputs open theirs below it), and closes it. */
import type { OperatorTrace } from '../engine.js';
import type { Run } from './run.js';

interface Line {
  depth: number;
  operator: string;
  estimated?: number;
  actual?: number;
  ms?: number;
}

export interface Tracer {
  readonly lines: readonly OperatorTrace[];
  open(operator: string, estimated?: number): number;
  close(line: number, actual?: number): void;
}

/** Lines kept; an operator inside a loop would otherwise write millions. */
const MOST = 200;

export function createTracer(now: () => number): Tracer {
  const lines: Line[] = [];
  const started: number[] = [];
  let depth = 0;
  return {
    lines,
    open(operator, estimated) {
      const at = lines.length < MOST ? lines.length : -1;
      if (at >= 0) {
        lines.push({ depth, operator, ...(estimated === undefined ? {} : { estimated: Math.round(estimated) }) });
        started[at] = now();
      }
      depth++;
      return at;
    },
    close(at, actual) {
      depth--;
      if (at < 0) return;
      lines[at].ms = Math.round((now() - started[at]) * 1000) / 1000;
      if (actual !== undefined) lines[at].actual = actual;
    },
  };
}

/** Does the work of an operator, and writes its line when somebody wants to know. */
export function traced(run: Run, operator: () => string, estimated: (() => number) | undefined, work: () => Uint32Array): Uint32Array {
  const { tracer } = run;
  if (tracer === undefined) return work();
  const line = tracer.open(operator(), estimated?.());
  const nodes = work();
  tracer.close(line, nodes.length);
  return nodes;
}
