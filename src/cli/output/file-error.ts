import type { Violation } from '../../model/index.js';

/** Something in a file (or on standard input) is not as it must be: every place of it. */
export class FileError extends Error {
  constructor(
    readonly path: string,
    /** the file's text, to show the lines from; empty when there is none */
    readonly text: string,
    readonly violations: readonly Violation[],
    /** of the problem as a whole; default: 2, a wrong command line or configuration */
    readonly exitCode = 2,
  ) {
    super(`${path}: ${violations[0]?.message ?? 'is not valid'}`);
  }
}
