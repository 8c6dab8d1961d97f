import { slotVisible } from '../discovery/columns/index.js';
import { Kind, type View } from '../discovery/index.js';
import type { ResourceId } from '../model/index.js';
import type { Caller, Page } from './directory.js';
import type { Rooms } from './rooms.js';

export interface Listed {
  readonly id: ResourceId;
  readonly name?: string;
  readonly scopes: readonly string[];
  /** expanded names, `Q{ns}local` */
  readonly facets: readonly string[];
}

/** Visible resources in publication order; pages of one listing are all made of the same state. */
export function list(
  { live, cursors, viewOf }: Rooms,
  caller: Caller,
  options: { readonly limit: number; readonly cursor?: string },
): Page<Listed> {
  const now = viewOf(caller);
  const position = options.cursor === undefined ? undefined : cursors.open(options.cursor, LISTING, caller);
  const view = position === undefined ? now : live.viewAt(now, position.revision);
  const slots = visibleSlots(view);
  const offset = position?.offset ?? 0;
  const end = Math.min(slots.length, offset + options.limit);
  const items = slots.slice(offset, end).map((slot) => listed(view, slot));
  return {
    items,
    total: slots.length,
    ...(end < slots.length ? { next: cursors.seal({ revision: view.revision, offset: end }, LISTING, caller) } : {}),
  };
}

const LISTING = '(listing)';

function visibleSlots(view: View): number[] {
  const { slots, orderIsRowOrder } = view.columns;
  const found: number[] = [];
  for (let slot = 0; slot < slots.count; slot++) if (slotVisible(view, slot)) found.push(slot);
  return orderIsRowOrder ? found : found.sort((a, b) => slots.ordinal(a) - slots.ordinal(b));
}

function listed(view: View, slot: number): Listed {
  const { rows, labels, names, strings, slots } = view.columns;
  const root = slots.row(slot);
  const scopes: string[] = [];
  const facets: string[] = [];
  let name: string | undefined;
  const last = root + (rows.data[root] & 0x7fff_ffff);
  for (let row = root + 1; row <= last; row++) {
    const label = rows.label[row];
    if (rows.parent[row] !== root || labels.kind(label) !== Kind.Element) continue;
    const element = labels.name(label);
    if (labels.isScope(label)) {
      if (view.scopes === undefined || view.scopes.has(rows.data[row])) scopes.push(strings.text(rows.data[row]));
    } else if (names.ns(element) !== names.ns(labels.name(rows.label[root]))) facets.push(`Q{${names.ns(element)}}${names.local(element)}`);
    else if (names.local(element) === 'name') name = strings.text(rows.data[row]);
  }
  return { id: slots.id(slot), ...(name === undefined ? {} : { name }), scopes, facets };
}
