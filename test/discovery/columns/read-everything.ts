/** Reads columns through their contract alone, as a plan would, into plain data that can be compared. */
import { type Columns, Kind, SUBTREE, serializeNodeText, slotVisible, type View } from '../../../src/discovery/columns/index.js';
import type { ExpectedRow } from './sample-resources.js';

export function pathOf(columns: Columns, label: number): string {
  const { labels, names } = columns;
  if (label === 0) return '';
  const name = labels.name(label);
  const written = names.prefix(name) === '' ? names.local(name) : `${names.prefix(name)}:${names.local(name)}`;
  const above = pathOf(columns, labels.parent(label));
  switch (labels.kind(label)) {
    case Kind.Element:
      return `${above}/${written}{${names.ns(name)}}`;
    case Kind.Attribute:
      return `${above}/@${written}{${names.ns(name)}}`;
    case Kind.Declaration:
      return `${above}/xmlns:${written}`;
    case Kind.Text:
      return `${above}/text()`;
    case Kind.Comment:
      return `${above}/comment()`;
    default:
      return `${above}/?${written}`;
  }
}

export function readRow(columns: Columns, row: number): ExpectedRow {
  const { label, parent, data } = columns.rows;
  const value = data[row] >= SUBTREE ? { below: data[row] - SUBTREE } : columns.strings.text(data[row]);
  return { path: pathOf(columns, label[row]), parent: parent[row], value };
}

export interface ReadResource {
  readonly id: string;
  readonly xml: string;
}

/** What a view shows, in publication order. */
export function readResources(view: View): ReadResource[] {
  const { columns } = view;
  const found: { readonly slot: number; readonly ordinal: number }[] = [];
  for (let slot = 0; slot < columns.slots.count; slot++)
    if (slotVisible(view, slot)) found.push({ slot, ordinal: columns.slots.ordinal(slot) });
  found.sort((a, b) => a.ordinal - b.ordinal);
  return found.map(({ slot }) => ({ id: idOf(columns, slot), xml: serializeNodeText(view, columns.slots.row(slot) * 2) }));
}

function idOf(columns: Columns, slot: number): string {
  const { label, data } = columns.rows;
  for (let row = columns.slots.row(slot) + 1; ; row++) {
    if (columns.labels.kind(label[row]) === Kind.Attribute) return columns.strings.text(data[row]);
  }
}

/**
 * Holds what the columns derive from their rows against the rows themselves. Returns what does not fit: nothing, it is hoped.
 */
export function contradictions(columns: Columns): string[] {
  const wrong: string[] = [];
  const { rows, labels, strings, postings, slots } = columns;
  const rowsOf = new Map<number, number[]>();
  const chains = new Map<string, number[]>();
  const roots: number[] = [];
  for (let row = 1; row < rows.count; row++) {
    const label = rows.label[row];
    rowsOf.set(label, [...(rowsOf.get(label) ?? []), row]);
    if (labels.parent(label) !== rows.label[rows.parent[row]]) wrong.push(`label of row ${row}`);
    if (rows.parent[row] === 0 && labels.kind(label) === Kind.Element) roots.push(row);
    if (rows.data[row] < SUBTREE && labels.kind(label) !== Kind.Declaration) {
      const key = `${label} ${rows.data[row]}`;
      chains.set(key, [row, ...(chains.get(key) ?? [])]);
    }
  }
  for (let label = 1; label < labels.count; label++) {
    const expected = rowsOf.get(label) ?? [];
    const actual = [...labels.runs(label)].flatMap((run) => [...run]);
    if (String(actual) !== String(expected)) wrong.push(`rows of label ${label}: ${actual} instead of ${expected}`);
    const values = [...labels.values(label)];
    if (String(values.flatMap(({ rows: run }) => [...run])) !== String(expected)) wrong.push(`rows beside the values of label ${label}`);
    if (values.some(({ rows: run, data }) => run.length !== data.length || run.some((row, i) => data[i] !== rows.data[row])))
      wrong.push(`values of label ${label}`);
    if (labels.rowCount(label) < expected.length) wrong.push(`row count of label ${label}`);
    if (!childrenOf(columns, labels.parent(label)).includes(label)) wrong.push(`label ${label} is no child of its parent`);
  }
  for (const [key, expected] of chains) {
    const [label, string] = key.split(' ').map(Number);
    const actual: number[] = [];
    for (let row = postings.head(label, string); row !== 0; row = rows.link[row]) actual.push(row);
    if (String(actual) !== String(expected)) wrong.push(`posting ${key}: ${actual} instead of ${expected}`);
    if (postings.count(label, string) < expected.length) wrong.push(`count of posting ${key}`);
  }
  for (let id = 0; id < strings.count; id++) {
    const text = strings.text(id);
    if (strings.find(text) !== id) wrong.push(`string ${id} is not found`);
    if (strings.byteLength(id) !== Buffer.byteLength(text)) wrong.push(`length of string ${id}`);
  }
  if (roots.length !== slots.count) wrong.push(`${slots.count} slots for ${roots.length} root elements`);
  roots.forEach((row, slot) => {
    if (slots.row(slot) !== row || rows.link[row] !== slot) wrong.push(`slot ${slot}`);
    for (let inner = row; inner <= row + rows.data[row] - SUBTREE; inner++)
      if (columns.slotOf(inner) !== slot) wrong.push(`slot of row ${inner}`);
  });
  return wrong;
}

export function childrenOf(columns: Columns, label: number): number[] {
  const children: number[] = [];
  for (let child = columns.labels.firstChild(label); child !== 0; child = columns.labels.nextSibling(child)) children.push(child);
  return children;
}
