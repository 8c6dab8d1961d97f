/**
 * One resource by itself, in columns of its own, so that a question costs what the resource costs and not what the directory
 * does. The columns are thrown away after some dozens of resources: looking through dead ones would cost more than new ones.
 */
import { createColumns, publish, putResource } from '../../discovery/columns/index.js';
import type { View } from '../../discovery/index.js';
import type { Scope } from '../../model/index.js';
import { scopesOf } from '../views.js';

export interface Solo {
  /** A view that shows this document and, of its scopes, those that `sees` says. */
  view(xml: Uint8Array, sees: ((scope: Scope) => boolean) | undefined): View;
}

const RESOURCES = 32;

export function createSolo(): Solo {
  let columns = createColumns({ size: 'document' });
  let count = 0;

  return {
    view(xml, sees) {
      if (count === RESOURCES) {
        columns = createColumns({ size: 'document' });
        count = 0;
      }
      // Each is another resource to the columns, also when they have the same id: none closes the one before.
      const revision = ++count;
      const slot = putResource(columns, xml, { revision, created: revision, createdSeq: 0, createdAt: 0, modifiedAt: 0 });
      publish(columns, revision);
      const slots = Uint32Array.of(1 << slot);
      if (sees === undefined) return { columns, revision, slots };
      const shown = scopesOf(columns, slot).filter((scope) => sees(columns.strings.text(scope) as Scope));
      return { columns, revision, slots, scopes: new Set(shown) };
    },
  };
}
