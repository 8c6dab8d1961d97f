/** Random directories: many small resources of few shapes, so that labels have many rows and values many postings. */
import fc from 'fast-check';
import { type Columns, createAppender, createColumns, type View } from '../../../src/discovery/columns/index.js';
import { RESOURCE_NS } from '../../../src/model/index.js';
import { readDocument } from '../../../src/xml/read-document.js';
import { documents } from '../../fuzz/documents.js';

export interface SampleResource {
  readonly id: string;
  readonly scopes: readonly string[];
  /** a well-formed element */
  readonly body: string;
}

export interface SampleDirectory {
  readonly resources: readonly SampleResource[];
  /** publication order: resource i is the `order[i]`th */
  readonly order: readonly number[];
  /** which resources the caller sees */
  readonly visible: readonly boolean[];
  /** scopes the caller operates in; undefined: all scope elements are shown */
  readonly scopes: readonly string[] | undefined;
}

const SCOPES = ['/a', '/b', '1', 'a'];

/** The element of a random document, without what stands around it. */
const body = documents.map((text) =>
  text
    .replace(/^<!DOCTYPE [^[]*\[.*?\]>/, '')
    .replace(/^(?:<!--.*?-->|<\?.*?\?>)+/, '')
    .replace(/(<\/[a-z]+>)(?:<!--[^<]*-->|<\?[^<]*\?>)*$/, '$1'),
);

export const directories: fc.Arbitrary<SampleDirectory> = fc
  .tuple(
    fc.array(body, { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 60 }),
    fc.nat(),
    fc.boolean(),
    fc.option(fc.subarray(SCOPES), { nil: undefined }),
  )
  .chain(([bodies, count, salt, inOrder, scopes]) =>
    fc.record({
      resources: fc.constant(
        Array.from({ length: count }, (_, i) => {
          const pick = (salt + i * 7919) % 97;
          return { id: `i${i}`, scopes: SCOPES.slice(pick % 4, (pick % 4) + 2), body: bodies[pick % bodies.length] };
        }),
      ),
      order: inOrder
        ? fc.constant(Array.from({ length: count }, (_, i) => i))
        : fc.shuffledSubarray(
            Array.from({ length: count }, (_, i) => i),
            { minLength: count },
          ),
      visible: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
      scopes: fc.constant(scopes),
    }),
  );

function write({ id, scopes, body: inner }: SampleResource): string {
  return `<r:resource xmlns:r="${RESOURCE_NS}" id="${id}"><r:name>a</r:name>${scopes.map((scope) => `<r:scope>${scope}</r:scope>`).join('')}${inner}</r:resource>`;
}

export function load(resources: readonly SampleResource[]): Columns {
  const columns = createColumns({ size: 'document', seed: 1 });
  for (const resource of resources) {
    const appender = createAppender(columns);
    readDocument(write(resource), appender);
    appender.end();
  }
  return columns;
}

/** The same columns, as if resources had been published in another order than they stand. */
export function reordered(columns: Columns, order: readonly number[]): Columns {
  if (order.every((place, i) => place === i)) return columns;
  const slots = Object.create(columns.slots, { ordinal: { value: (slot: number) => order[slot] * 3 } });
  return Object.create(columns, { slots: { value: slots }, orderIsRowOrder: { value: false } });
}

/** What the caller sees of the whole directory. */
export function partialView(directory: SampleDirectory): View {
  const columns = reordered(load(directory.resources), directory.order);
  const slots = new Uint32Array((directory.visible.length + 31) >>> 5);
  directory.visible.forEach((visible, i) => {
    if (visible) slots[i >>> 5] |= 1 << (i & 31);
  });
  const scopes = directory.scopes?.map((scope) => columns.strings.find(scope)).filter((id) => id >= 0);
  return { columns, revision: columns.revision, slots, ...(scopes === undefined ? {} : { scopes: new Set(scopes) }) };
}

/** A directory that holds nothing but what the caller sees. */
export function ownView({ resources, order, visible, scopes }: SampleDirectory): View {
  const kept = resources
    .map((resource, i) => ({ resource, place: order[i], visible: visible[i] }))
    .filter((each) => each.visible)
    .sort((a, b) => a.place - b.place)
    .map(({ resource }) => ({ ...resource, scopes: resource.scopes.filter((scope) => scopes === undefined || scopes.includes(scope)) }));
  const columns = load(kept);
  return { columns, revision: columns.revision };
}
