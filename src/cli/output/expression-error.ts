import type { Violation } from '../../model/index.js';
import { FileError } from './file-error.js';

/** What is wrong with an expression, shown in it. Its hints end in a drawing of the place, of two lines, which this replaces. */
export function expressionError(expression: string, violations: readonly Violation[]): FileError {
  const shown = violations.map(({ hint, ...violation }) => {
    const words = hint?.replace(/(?:^|\n)[^\n]*\n *\^$/, '');
    return { line: 1, ...violation, ...(words ? { hint: words } : {}) };
  });
  return new FileError('xpath', expression, shown, 2);
}
