import type { Owner } from '../../model/index.js';

/** `principal`, or `principal/manager` when a program of it is meant; '' for nobody in particular. */
export function ownerText(owner: Owner | undefined): string {
  if (owner === undefined) return '';
  if (owner.manager !== '') return `${owner.principal}/${owner.manager}`;
  return owner.principal === 'anyone' ? '' : owner.principal;
}
