/**
 * How errors are said, on standard error:
 *
 *     host.xml:7:5: error: "twelve" is not an integer [schema]
 *        7 |     <h:cores>twelve</h:cores>
 *          |     ^
 *       hint: …
 */
import { RequestProblem, Unreachable } from '../../client/index.js';
import { Problem, type Violation } from '../../model/index.js';
import { Ended, UsageError } from '../exit-code.js';
import type { Colors } from './colors.js';
import { excerpt } from './excerpt.js';
import { FileError } from './file-error.js';

/** All that is wrong, as text ending in a line break; empty when the command has said it already. */
export function report(error: unknown, colors: Colors): string {
  if (error instanceof Ended) return '';
  if (error instanceof FileError)
    return error.violations.map((violation) => violationText(violation, colors, error.path, error.text)).join('');
  if (error instanceof UsageError) return headline(error.message, colors) + hintText(error.hint, colors);
  if (error instanceof Unreachable) return headline(error.message, colors) + hintText(hintFor(error), colors);
  if (error instanceof Problem) return problemText(error, colors);
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    // Errors of the system say enough by themselves; others are faults of ours, and their stack tells where.
    return headline(code === undefined ? `internal error: ${error.stack ?? error.message}` : error.message, colors);
  }
  return headline(String(error), colors);
}

/** One place in a file (or in an expression, or nowhere in particular). */
export function violationText(violation: Violation, colors: Colors, path?: string, text?: string): string {
  const { line, column, rule, message, hint } = violation;
  const place = [path, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');
  const shown = text !== undefined && text !== '' && line !== undefined ? excerpt(text, line, column, colors) : '';
  const where = violation.path !== undefined && shown === '' ? `  at ${violation.path}\n` : '';
  return `${place === '' ? '' : `${colors.bold(place)}: `}${colors.red('error')}: ${message} ${colors.dim(`[${rule}]`)}\n${where}${shown}${hintText(hint, colors)}`;
}

/** A refusal with all its violations; `source` is what was sent, to show the places in it. */
export function problemText(problem: Problem, colors: Colors, source?: { readonly path: string; readonly text: string }): string {
  const hints = new Set(problem.violations.map(({ hint }) => hint));
  const head = problem.violations.length === 0 || source === undefined ? headline(`${problem.message}`, colors, source?.path) : '';
  const list = problem.violations.map((violation) => violationText(violation, colors, source?.path, source?.text)).join('');
  const id =
    problem instanceof RequestProblem && problem.requestId !== undefined && problem.status >= 500
      ? colors.dim(`  request ${problem.requestId}\n`)
      : '';
  return head + list + (hints.has(problem.hint) ? '' : hintText(problem.hint, colors)) + id;
}

export function headline(message: string, colors: Colors, path?: string): string {
  return `${path === undefined ? '' : `${colors.bold(path)}: `}${colors.red('error')}: ${message}\n`;
}

export function hintText(hint: string | undefined, colors: Colors): string {
  return hint === undefined ? '' : `  ${colors.cyan('hint')}: ${hint}\n`;
}

function hintFor({ url, reason }: Unreachable): string | undefined {
  if (reason === 'timeout') return 'a longer time: --request-timeout SECONDS';
  const { hostname } = new URL(url);
  const local = hostname === '127.0.0.1' || hostname === 'localhost';
  return local
    ? 'start one with "facetry serve", or say where it is with --url or FACETRY_URL'
    : 'is the address right? --url or FACETRY_URL say it';
}
