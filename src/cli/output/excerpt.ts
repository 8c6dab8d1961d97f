import stringWidth from 'string-width';
import type { Colors } from './colors.js';

/** The longest piece of a line that is shown around the place. */
const WIDTH = 120;

/** A line of a text with a caret under a column. Lines and columns (code points) count from 1; '' when there is no such line. */
export function excerpt(text: string, line: number, column: number | undefined, colors: Colors): string {
  const whole = lineOf(text, line);
  if (whole === undefined) return '';
  const points = [...whole];
  const at = Math.min(Math.max((column ?? 1) - 1, 0), points.length);
  const from = points.length <= WIDTH ? 0 : Math.max(0, Math.min(at - WIDTH / 2, points.length - WIDTH));
  const clean = (piece: readonly string[]) => piece.map(printable).join('');
  const before = (from > 0 ? '…' : '') + clean(points.slice(from, at));
  const rest = clean(points.slice(at, from + WIDTH)) + (from + WIDTH < points.length ? '…' : '');
  const label = String(line).padStart(5);
  const caret = column === undefined ? '' : `${' '.repeat(5)} ${colors.dim('|')} ${' '.repeat(stringWidth(before))}${colors.red('^')}\n`;
  return `${colors.dim(`${label} |`)} ${before}${rest}\n${caret}`;
}

/** Tabs would move the caret, control characters the terminal. */
function printable(point: string): string {
  if (point === '\t') return '  ';
  return /[\p{Cc}\p{Cf}]/u.test(point) ? '\uFFFD' : point;
}

function lineOf(text: string, line: number): string | undefined {
  return text.split(/\r\n|[\r\n]/, line)[line - 1];
}
