import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../model/index.js';
import { UsageError } from './exit-code.js';

/** The folder of an embedded store. Commands that look after folders have no use for other stores. */
export function folderOf(store: string): string {
  const folder = /^embedded:(?:\/\/(?=\/))?(.+)$/is.exec(store)?.[1];
  if (folder === undefined) throw new UsageError(`${store} is no store in a folder`, 'write --store embedded:DIR or --data DIR');
  return resolve(folder);
}

export function hasStore(folder: string): boolean {
  return existsSync(join(folder, 'store.sqlite'));
}

/** Opening would make one, which is not what somebody wants who asks for a check. */
export function requireStore(store: string): void {
  if (!store.startsWith('embedded:')) return;
  const folder = folderOf(store);
  if (!hasStore(folder))
    throw new Problem('not-found', { detail: `there is no store in ${folder}`, hint: 'say where it is with --data DIR' });
}
