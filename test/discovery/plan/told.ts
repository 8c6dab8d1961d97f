/** Answers in a form that does not depend on row numbers: where each node stands, by what the caller sees. */
import type { NamespaceNode, Value, View } from '../../../src/discovery/index.js';
import { Kind, SUBTREE, stringValue } from '../../../src/discovery/index.js';
import { Problem } from '../../../src/model/index.js';

export function told(ask: () => Value, view: View): unknown {
  let value: Value;
  try {
    value = ask();
  } catch (error) {
    if (error instanceof Problem) return { problem: error.code };
    throw error;
  }
  if (value.type !== 'nodeset')
    return typeof value.value === 'number' ? { number: String(value.value === 0 ? 0 : value.value) } : { [value.type]: value.value };
  return Array.from(value.nodes as ArrayLike<number | NamespaceNode>, (node) =>
    typeof node === 'number'
      ? `${place(view, node >>> 1)}${node & 1 ? '/text()' : ''} ${node === 0 ? '' : stringValue(view, node)}`
      : `${place(view, node.row)}/${node.prefix}=${node.uri}`,
  );
}

function place(view: View, row: number): string {
  if (row === 0) return '';
  const { rows, labels, names, strings } = view.columns;
  const parent = rows.parent[row];
  // a resource is known by its id, the row behind its declarations
  if (parent === 0) {
    for (let at = row + 1; ; at++) if (labels.kind(rows.label[at]) === Kind.Attribute) return `/${strings.text(rows.data[at])}`;
  }
  let count = 0;
  for (let at = parent + 1; at < row; at += 1 + (rows.data[at] >= SUBTREE ? rows.data[at] - SUBTREE : 0)) {
    const hidden = view.scopes !== undefined && labels.isScope(rows.label[at]) && !view.scopes.has(rows.data[at]);
    if (!hidden) count++;
  }
  const label = rows.label[row];
  return `${place(view, parent)}/${labels.kind(label)}:${names.local(labels.name(label))}[${count}]`;
}
