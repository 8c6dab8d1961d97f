/** Options that all writing commands share. */
import type { WriteOptions } from '../client/index.js';
import type { OptionMore } from './command.js';
import type { Terminal } from './terminal.js';

export const WRITE_OPTIONS: readonly (readonly [flags: string, about: string, more?: OptionMore])[] = [
  ['--manager <NAME>', 'the program that writes: facets it writes become its own'],
  ['--ttl <SECONDS>', 'what is written goes stale unless it is renewed; or per facet: "60, f:hw=120"'],
  ['--force', 'overrule the owners of facets (admins)'],
  ['--dry-run', 'check everything, store nothing, show what would change'],
];

export function writeOptionsOf(options: Readonly<Record<string, unknown>>, terminal: Terminal): WriteOptions {
  return {
    ...(options.manager === undefined ? {} : { manager: String(options.manager) }),
    ...(options.ttl === undefined ? {} : { ttl: String(options.ttl) }),
    ...(options.force === true ? { force: true } : {}),
    ...(options.dryRun === true ? { dryRun: true } : {}),
    ...(options.ifMatch === undefined ? {} : { ifMatch: quoted(String(options.ifMatch)) }),
    signal: terminal.interrupted,
  };
}

/** Shells eat the quotes of entity tags. */
export function quoted(etag: string): string {
  return etag === '*' || etag.startsWith('"') || etag.startsWith('W/') ? etag : `"${etag}"`;
}
