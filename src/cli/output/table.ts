import stringWidth from 'string-width';
import type { Colors } from './colors.js';

/**
 * Columns as kubectl prints them: a heading, two or more spaces between, nothing after the last. Cells are one line each.
 * `width`: the last column is cut so that rows fit; undefined (no terminal): nothing is cut.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], colors: Colors, width?: number): string {
  const widths = columnWidths(head, rows);
  return tableHead(head, widths, colors) + tableRows(rows, widths, width);
}

export function columnWidths(head: readonly string[], rows: readonly (readonly string[])[]): readonly number[] {
  return head.map((title, k) => rows.reduce((most, row) => Math.max(most, stringWidth(row[k] ?? '')), stringWidth(title)));
}

export function tableHead(head: readonly string[], widths: readonly number[], colors: Colors): string {
  return `${colors.bold(line(head, widths))}\n`;
}

export function tableRows(rows: readonly (readonly string[])[], widths: readonly number[], width?: number): string {
  return rows.map((row) => `${cut(line(row, widths), width)}\n`).join('');
}

/** White space folded, control characters replaced: a cell never moves the terminal. */
export function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\p{Cc}/gu, '\uFFFD');
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const last = cells.length - 1;
  return cells
    .map((text, k) => (k === last ? text : text + ' '.repeat(Math.max(0, widths[k] - stringWidth(text)))))
    .join('   ')
    .trimEnd();
}

function cut(text: string, width: number | undefined): string {
  if (width === undefined || stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const point of text) {
    used += stringWidth(point);
    if (used > width - 1) break;
    kept += point;
  }
  return `${kept}…`;
}
