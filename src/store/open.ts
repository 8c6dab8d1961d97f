/**
 * The store is chosen by a URL: `embedded:DIR` (files in a folder), `memory:` (nothing survives; for trying and for tests),
 * `basex://user@host:port/database` (an XML database of people's own, behind a journal).
 * Passwords never stand in it, because URLs end up in process lists, shell histories and logs.
 */
import { Problem } from '../model/index.js';
import { openBaseX } from './basex/basex-store.js';
import { openEmbedded } from './embedded/embedded-store.js';
import { openMemory } from './memory/memory-store.js';
import type { StoreOptions } from './options.js';
import type { Store } from './store.js';

type Driver = (rest: string, options: StoreOptions) => Promise<Store>;

const DRIVERS: Readonly<Record<string, { readonly form: string; readonly open: Driver }>> = {
  embedded: { form: 'embedded:DIR', open: (rest, options) => openEmbedded(folderOf(rest), options) },
  basex: { form: 'basex://user@host:port/database', open: openBaseX },
  memory: { form: 'memory:', open: async (_rest, options) => openMemory(options) },
};

/** Rejects with Problem `bad-request` when the URL is not understood, or with what the driver says. */
export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  if (scheme === undefined) {
    throw new Problem('bad-request', {
      detail: `"${url}" does not say which store is meant.`,
      hint: `Write embedded:${url}. Known: ${known()}.`,
    });
  }
  if (/^\/\/[^/?#]*:[^/?#]*@|[?&;](password|passwd|pwd|pass)=/is.test(rest)) {
    throw new Problem('bad-request', {
      detail: `The ${scheme} URL holds a password.`,
      hint: 'Put the password into the environment; leave only the user in the URL.',
    });
  }
  const driver = Object.hasOwn(DRIVERS, scheme.toLowerCase()) ? DRIVERS[scheme.toLowerCase()] : undefined;
  if (driver === undefined) throw new Problem('bad-request', { detail: `There is no store "${scheme}".`, hint: `Known: ${known()}.` });
  return driver.open(rest, options);
}

function known(): string {
  return Object.values(DRIVERS)
    .map(({ form }) => form)
    .join(', ');
}

/** `embedded:data`, `embedded:/var/lib/facetry` and `embedded:///var/lib/facetry` mean what they look like. */
function folderOf(rest: string): string {
  const folder = rest.startsWith('///') ? rest.slice(2) : rest;
  if (folder === '')
    throw new Problem('bad-request', { detail: 'embedded: names no folder.', hint: 'Write embedded:DIR, such as embedded:./data.' });
  if (folder.startsWith('//'))
    throw new Problem('bad-request', { detail: 'An embedded store is on this machine: its URL has no host.', hint: 'Write embedded:DIR.' });
  return folder;
}
