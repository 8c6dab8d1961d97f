import { Problem } from '../../model/index.js';

export interface Complaint {
  /** `xpath-syntax`, `xpath-character`, `xpath-limit`, `xpath-axis`, …; stable */
  readonly rule: string;
  /** one sentence without the place, e.g. `found "]" where an expression is expected` */
  readonly message: string;
  /** what to do instead */
  readonly hint?: string;
}

/**
 * The `invalid-xpath` problem of an expression, at a place in it (offset in UTF-16 code units).
 *
 *     detail  found "]" where a value or a path is expected (column 8)
 *     hint    //host[]
 *                    ^
 */
export function invalidXPath(text: string, at: number, complaint: Complaint): Problem {
  const { line, column } = position(text, at);
  const several = /[\r\n]/.test(text);
  const place = several ? `line ${line}, column ${column}` : `column ${column}`;
  const hint = [complaint.hint, caret(text, at)].filter((part) => part).join('\n');
  return new Problem('invalid-xpath', {
    detail: `${complaint.message} (${place})`,
    hint,
    violations: [{ rule: complaint.rule, message: complaint.message, ...(several ? { line } : {}), column, hint }],
  });
}

/** Line and column of an offset, from 1; columns in code points. */
function position(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split(/\r\n?|\n/);
  return { line: lines.length, column: codePoints(lines[lines.length - 1]) + 1 };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const BEFORE = 50;
const AFTER = 30;

/** The expression around the place on one line, and a caret under it. Only what can be shown: control characters become U+FFFD. */
function caret(text: string, at: number): string {
  const before = [...text.slice(Math.max(0, at - 2 * BEFORE), at)].slice(-BEFORE);
  const after = [...text.slice(at, at + 2 * AFTER)].slice(0, AFTER);
  const lead = at > before.join('').length ? '…' : '';
  const trail = text.length > at + after.join('').length ? '…' : '';
  return `${lead}${printable(before.join('') + after.join(''))}${trail}\n${' '.repeat(lead.length + before.length)}^`;
}

export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\r\n]/g, ' ')
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD');
}
