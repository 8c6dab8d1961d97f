/**
 * Nodes, one at a time: kind, name, string-value. A node is `2 * row`, or `2 * row + 1` for the text of a leaf row; numbers
 * from MADE on are nodes that no row stands for.
 */

import { XML_NS } from '../../model/index.js';
import { Kind, SUBTREE } from '../columns/contract.js';
import { type NameParts, numberOfText } from '../functions/index.js';
import { MADE, madeNode } from './made-nodes.js';
import type { Run } from './run.js';
import { isHidden, rootsInOrder } from './visibility.js';

/** The node above; -1 for the root node and for texts without a parent. */
export function parentOf(run: Run, node: number): number {
  if (node >= MADE) {
    const made = madeNode(run, node);
    return made.kind === 'namespace' ? made.row * 2 : -1;
  }
  if (node & 1) return node - 1;
  return node === 0 ? -1 : run.parent[node >>> 1] * 2;
}

/** The id of the node's string-value, or -1 when it has to be put together from several texts, or is none of a row. */
export function stringId(run: Run, node: number): number {
  if (node >= MADE || node === 0) return -1;
  const row = node >>> 1;
  const data = run.data[row];
  return data < SUBTREE ? data : -1;
}

/** string-value (§5) */
export function textOf(run: Run, node: number): string {
  const id = stringId(run, node);
  if (id >= 0) return run.columns.strings.text(id);
  if (node >= MADE) {
    const made = madeNode(run, node);
    return made.kind === 'namespace' ? made.uri : made.text;
  }
  return node === 0 ? rootText(run) : subtreeText(run, node >>> 1);
}

/** String ids of the texts below a row, in document order. The visitor says whether to go on. */
export function eachText(run: Run, row: number, visit: (id: number) => boolean): boolean {
  const { label, data, facts } = run;
  const end = row + (data[row] - SUBTREE);
  for (let at = row + 1; at <= end; at++) {
    const kind = facts.kind[label[at]];
    if (kind === Kind.Element) {
      if (data[at] < SUBTREE && data[at] !== 0 && !isHidden(run, at) && !visit(data[at])) return false;
    } else if (kind === Kind.Text && !visit(data[at])) return false;
  }
  run.meter.spend(end - row);
  return true;
}

function subtreeText(run: Run, row: number): string {
  const { strings } = run.columns;
  let bytes = 0;
  let text = '';
  eachText(run, row, (id) => {
    bytes += strings.byteLength(id);
    text += strings.text(id);
    return true;
  });
  run.meter.bytes(bytes);
  return text;
}

function rootText(run: Run): string {
  const { strings } = run.columns;
  let bytes = 0;
  const parts: string[] = [];
  for (const row of rootsInOrder(run)) {
    if (run.data[row] < SUBTREE) continue;
    eachText(run, row, (id) => {
      bytes += strings.byteLength(id);
      parts.push(strings.text(id));
      return true;
    });
    run.meter.bytes(bytes);
  }
  return parts.join('');
}

/** Compares a string-value with a text without putting it together: nearly always the first piece decides. */
export function textEquals(run: Run, node: number, text: string): boolean {
  const id = stringId(run, node);
  if (id >= 0) return run.columns.strings.text(id) === text;
  if (node >= MADE || node === 0) return textOf(run, node) === text;
  const { strings } = run.columns;
  let at = 0;
  const whole = eachText(run, node >>> 1, (piece) => {
    if (strings.byteLength(piece) > (text.length - at) * 3 || !text.startsWith(strings.text(piece), at)) return false;
    at += strings.text(piece).length;
    return true;
  });
  return whole && at === text.length;
}

export function numberOf(run: Run, node: number): number {
  const id = stringId(run, node);
  return id >= 0 ? run.columns.strings.number(id) : numberOfText(textOf(run, node));
}

/** Equal keys, equal string-values: the id where the string is interned, else the string. */
export function keyOf(run: Run, node: number): number | string {
  const id = stringId(run, node);
  if (id >= 0) return id;
  const text = textOf(run, node);
  const found = run.columns.strings.find(text);
  return found >= 0 ? found : text;
}

const NO_NAME: NameParts = { prefix: '', ns: '', local: '' };

export function nameOf(run: Run, node: number): NameParts {
  if (node >= MADE) {
    const made = madeNode(run, node);
    return made.kind === 'namespace' ? { prefix: '', ns: '', local: made.prefix } : NO_NAME;
  }
  if (node & 1 || node === 0) return NO_NAME;
  const { labels, names } = run.columns;
  const label = run.label[node >>> 1];
  const kind = run.facts.kind[label];
  if (kind === Kind.Text || kind === Kind.Comment) return NO_NAME;
  const name = labels.name(label);
  return { prefix: names.prefix(name), ns: names.ns(name), local: names.local(name) };
}

/** The value of the nearest xml:lang, on the node or above it. */
export function languageOf(run: Run, node: number): string | undefined {
  const { labels, names, strings } = run.columns;
  for (let at = node; at > 0; at = parentOf(run, at)) {
    if (at >= MADE || at & 1) continue;
    const row = at >>> 1;
    if (run.data[row] < SUBTREE) continue;
    for (let child = row + 1; child <= row + (run.data[row] - SUBTREE); child++) {
      const kind = run.facts.kind[run.label[child]];
      if (kind !== Kind.Attribute && kind !== Kind.Declaration) break;
      if (kind === Kind.Declaration) continue;
      const name = labels.name(run.label[child]);
      if (names.local(name) === 'lang' && names.ns(name) === XML_NS) return strings.text(run.data[child]);
    }
    run.meter.spend(4);
  }
  return undefined;
}
