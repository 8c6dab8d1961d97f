import { sealCursor } from '../directory/cursor.js';
import type { Revision } from '../model/index.js';

/** A revision as clients see it: the same opaque cursor that a discovery answer carries. */
export function revisionCursor(revision: Revision): string {
  return sealCursor({ revision, offset: 0 }, '');
}
