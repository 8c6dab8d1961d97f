import { DOCUMENT_LIMITS, Problem } from '../model/index.js';
import { tooLarge } from './accepted.js';
import type { ReadPiece } from './pool.js';
import { splitLines } from './split-lines.js';
import { splitWrapper } from './split-wrapper.js';

/** One document of a body of many, cut out but not read. */
export interface Piece extends ReadPiece {
  /** 0, 1, 2 … in the order of the body */
  readonly index: number;
}

export interface SplitOptions {
  /** bytes of one document; a longer one becomes a piece with `problem`, without being kept in memory */
  readonly bytes?: number;
  /** charset parameter of the Content-Type */
  readonly charset?: string;
}

/**
 * A body of many documents → its documents, while it arrives; memory is bounded by one document.
 *
 * - `lines`: one document a line (`application/xml-seq`), blank lines are skipped.
 * - `resources`: the children of one `<resources>` element, whose namespace declarations hold for them.
 *
 * Only finds where documents begin and end: whether one is well-formed is for its reader to say. Throws Problem when the body
 * around them cannot be understood.
 */
export function splitResources(
  body: AsyncIterable<Uint8Array>,
  form: 'resources' | 'lines',
  options: SplitOptions = {},
): AsyncIterable<Piece> {
  const bytes = options.bytes ?? DOCUMENT_LIMITS.bytes;
  return form === 'lines' ? splitLines(body, bytes) : splitWrapper(body, bytes, options.charset);
}

export function oversized(index: number, size: number, limit: number, origin: { line: number; column: number }): Piece {
  const problem = tooLarge(size, { ...DOCUMENT_LIMITS, bytes: limit });
  return {
    index,
    bytes: new Uint8Array(0),
    origin,
    problem: new Problem(problem.code, {
      detail: `line ${origin.line}: ${problem.message}`,
      hint: problem.hint,
      violations: [{ rule: 'limit-bytes', message: problem.message, ...origin }],
    }),
  };
}
