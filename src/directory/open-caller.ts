import type { Owner } from '../model/index.js';
import type { Caller } from './directory.js';

/** Who everybody is in mode `open`: sees and may write everything. */
export const OPEN_CALLER: Caller = { principal: 'anyone' };

/** What everybody wrote, without a program's name, belongs to nobody in particular. */
export function isNobody(owner: Owner): boolean {
  return owner.principal === OPEN_CALLER.principal && owner.manager === '';
}
