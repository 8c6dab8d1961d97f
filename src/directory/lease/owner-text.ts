import type { Owner } from '../../model/index.js';
import { isNobody } from '../open-caller.js';

/** `principal`, or `principal/manager` when a program of it is meant; '' for nobody in particular. */
export function ownerText(owner: Owner | undefined): string {
  if (owner === undefined || isNobody(owner)) return '';
  return owner.manager === '' ? owner.principal : `${owner.principal}/${owner.manager}`;
}
