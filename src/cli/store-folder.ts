/** Stores in folders, as people name them: relative to where they are. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../model/index.js';
import { UsageError } from './exit-code.js';

/** The store's URL with its folder made absolute; other stores as they are. */
export function storeUrl(store: string, cwd: string): string {
  const folder = inFolder(store);
  return folder === undefined ? store : `embedded:${resolve(cwd, folder)}`;
}

/** The absolute folder of an embedded store. Commands that look after folders have no use for other stores. */
export function folderOf(store: string, cwd: string): string {
  const folder = inFolder(store);
  if (folder === undefined) throw new UsageError(`${store} is no store in a folder`, 'write --store embedded:DIR or --data DIR');
  return resolve(cwd, folder);
}

export function hasStore(folder: string): boolean {
  return existsSync(join(folder, 'store.sqlite'));
}

/** Opening would make one, which is not what somebody wants who asks for a check. */
export function requireStore(store: string, cwd: string): void {
  const folder = inFolder(store);
  if (folder === undefined || hasStore(resolve(cwd, folder))) return;
  throw new Problem('not-found', { detail: `there is no store in ${resolve(cwd, folder)}`, hint: 'say where it is with --data DIR' });
}

/** `embedded:data`, `embedded:/var/lib/facetry`, `embedded:///var/lib/facetry` */
function inFolder(store: string): string | undefined {
  return /^embedded:(?:\/\/(?=\/))?(?!\/\/)(.+)$/is.exec(store)?.[1];
}
