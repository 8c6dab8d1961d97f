import { XML_NS } from '../model/index.js';
import { readDocument } from '../xml/read-document.js';
import { type Columns, createAppender, createColumns, Kind, SUBTREE } from './columns/index.js';
import type { NamespaceNode } from './engine.js';

/** Any XML document in columns of its own, to be asked like a directory. Throws what `readDocument` throws. */
export function loadPlainDocument(source: string | Uint8Array): Columns {
  const columns = createColumns({ size: 'document' });
  const appender = createAppender(columns);
  readDocument(source, appender);
  appender.end();
  return columns;
}

/**
 * Where a node of a plain document stands: `/` is the root node, then `/*[n]` (n-th element child), `/text()[n]`,
 * `/comment()[n]`, `/processing-instruction()[n]`, `/@qname` as written, `/namespace::prefix` (nothing behind `::`: the default).
 */
export function nodePath(columns: Columns, node: number | NamespaceNode): string {
  if (typeof node !== 'number') return `${elementPath(columns, node.row)}/namespace::${node.prefix}`;
  const row = node >>> 1;
  if (node % 2 === 1) return `${elementPath(columns, row)}/text()[1]`;
  return elementPath(columns, row) || '/';
}

/** '' for the root, so that steps can follow. */
function elementPath(columns: Columns, row: number): string {
  if (row === 0) return '';
  const parent = columns.rows.parent[row];
  const above = elementPath(columns, parent);
  const kind = kindOf(columns, row);
  if (kind === Kind.Attribute) return `${above}/@${writtenName(columns, row)}`;
  let place = 0;
  for (const child of children(columns, parent)) {
    if (kindOf(columns, child) === kind) place++;
    if (child === row) break;
  }
  return `${above}/${STEPS[kind]}[${place}]`;
}

const STEPS: Readonly<Record<number, string>> = {
  [Kind.Element]: '*',
  [Kind.Text]: 'text()',
  [Kind.Comment]: 'comment()',
  [Kind.Instruction]: 'processing-instruction()',
};

/** The node at a path of that form, or undefined. */
export function nodeAtPath(columns: Columns, path: string): number | NamespaceNode | undefined {
  if (path === '/') return 0;
  if (!path.startsWith('/')) return undefined;
  let row = 0;
  const steps = path.split('/').slice(1);
  for (const [i, step] of steps.entries()) {
    const last = i === steps.length - 1;
    if (last && step.startsWith('@')) return rowNode(attributes(columns, row).find((each) => writtenName(columns, each) === step.slice(1)));
    if (last && step.startsWith('namespace::')) return namespaceNode(columns, row, step.slice('namespace::'.length));
    const [, name, place] = /^(\*|text\(\)|comment\(\)|processing-instruction\(\))\[(\d+)\]$/.exec(step) ?? [];
    const kind = Object.keys(STEPS).find((each) => STEPS[Number(each)] === name);
    if (kind === undefined) return undefined;
    if (last && step === 'text()[1]' && isLeaf(columns, row)) return 2 * row + 1;
    const found = children(columns, row).filter((child) => kindOf(columns, child) === Number(kind))[Number(place) - 1];
    if (found === undefined) return undefined;
    row = found;
  }
  return 2 * row;
}

function rowNode(row: number | undefined): number | undefined {
  return row === undefined ? undefined : 2 * row;
}

function namespaceNode(columns: Columns, row: number, prefix: string): NamespaceNode | undefined {
  if (prefix === 'xml') return { row, prefix, uri: XML_NS };
  for (let at = row; at !== 0; at = columns.rows.parent[at]) {
    for (const each of below(columns, at)) {
      if (kindOf(columns, each) !== Kind.Declaration) continue;
      if (columns.names.local(columns.labels.name(columns.rows.label[each])) !== prefix) continue;
      const uri = columns.strings.text(columns.rows.data[each]);
      return uri === '' ? undefined : { row, prefix, uri };
    }
  }
  return undefined;
}

/** All rows whose parent this is: declarations, attributes and children. */
function below(columns: Columns, row: number): number[] {
  const { rows } = columns;
  const data = rows.data[row];
  const end = row === 0 ? rows.count : data >= SUBTREE ? row + 1 + (data - SUBTREE) : row + 1;
  const found: number[] = [];
  for (let at = row + 1; at < end; at += 1 + subtree(columns, at)) found.push(at);
  return found;
}

function subtree(columns: Columns, row: number): number {
  const data = columns.rows.data[row];
  return kindOf(columns, row) === Kind.Element && data >= SUBTREE ? data - SUBTREE : 0;
}

function children(columns: Columns, row: number): number[] {
  return below(columns, row).filter((each) => STEPS[kindOf(columns, each)] !== undefined);
}

function attributes(columns: Columns, row: number): number[] {
  return below(columns, row).filter((each) => kindOf(columns, each) === Kind.Attribute);
}

function isLeaf(columns: Columns, row: number): boolean {
  return row !== 0 && kindOf(columns, row) === Kind.Element && columns.rows.data[row] < SUBTREE && columns.rows.data[row] !== 0;
}

function kindOf(columns: Columns, row: number): Kind {
  return columns.labels.kind(columns.rows.label[row]);
}

function writtenName(columns: Columns, row: number): string {
  const name = columns.labels.name(columns.rows.label[row]);
  const prefix = columns.names.prefix(name);
  return prefix === '' ? columns.names.local(name) : `${prefix}:${columns.names.local(name)}`;
}
