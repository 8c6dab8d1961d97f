/** The items of a discovery answer, made while they are read: a large answer never stands in memory as a whole. */
import { setImmediate as breathe } from 'node:timers/promises';
import { serializeNode } from '../discovery/columns/index.js';
import { Kind, type NodeSet, stringValue, type View } from '../discovery/index.js';
import type { ElementItem, Item, OtherItem } from './directory.js';

/** ms of making items before the event loop gets its turn. */
const SLICE = 2;

const KINDS: Readonly<Record<Exclude<Kind, Kind.Element>, OtherItem['kind']>> = {
  [Kind.Root]: 'root',
  [Kind.Attribute]: 'attribute',
  [Kind.Text]: 'text',
  [Kind.Comment]: 'comment',
  [Kind.Instruction]: 'processing-instruction',
  [Kind.Declaration]: 'namespace',
};

let turns: Promise<unknown> = Promise.resolve();

/** A turn of the event loop for this answer alone: with eight large ones under way a turn is as short as with one. */
function nextTurn(): Promise<unknown> {
  turns = turns.then(() => breathe());
  return turns;
}

export async function* itemsOf(view: View, nodes: NodeSet, start: number, end: number, signal?: AbortSignal): AsyncIterable<Item> {
  let since = performance.now();
  for (let k = start; k < end; k++) {
    yield itemOf(view, nodes[k]);
    if ((k & 15) === 0 && performance.now() - since > SLICE) {
      await nextTurn();
      signal?.throwIfAborted();
      since = performance.now();
    }
  }
}

export function itemOf(view: View, node: NodeSet[number]): Item {
  const { columns } = view;
  if (typeof node !== 'number')
    return { resource: idOf(view, node.row), kind: 'namespace', value: node.uri, name: node.prefix, whole: false };
  const row = node >>> 1;
  if ((node & 1) === 1) return { resource: idOf(view, row), kind: 'text', value: stringValue(view, node), whole: false };
  const label = columns.rows.label[row];
  const kind = columns.labels.kind(label);
  const resource = row === 0 ? '' : idOf(view, row);
  switch (kind) {
    case Kind.Root:
      return { resource, kind: 'root', value: '', whole: false };
    case Kind.Element:
      return elementOf(resource, serializeNode(view, node), columns.rows.parent[row] === 0);
    default:
      return { resource, kind: KINDS[kind], value: stringValue(view, node), whole: false, ...nameOf(view, label, kind) };
  }
}

/** Most answers pass the bytes on as they are. */
function elementOf(resource: string, bytes: Uint8Array, whole: boolean): ElementItem {
  let value: string | undefined;
  return {
    resource,
    kind: 'element',
    bytes,
    get value() {
      value ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      return value;
    },
    whole,
  };
}

function nameOf(view: View, label: number, kind: Kind): { name?: string } {
  if (kind !== Kind.Attribute && kind !== Kind.Instruction) return {};
  const { names, labels } = view.columns;
  const name = labels.name(label);
  const ns = names.ns(name);
  return { name: ns === '' ? names.local(name) : `Q{${ns}}${names.local(name)}` };
}

function idOf(view: View, row: number): string {
  return view.columns.slots.id(view.columns.slotOf(row));
}
