import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Directory, type DirectoryEvent, type DirectoryOptions, openDirectory } from '../../src/directory/index.js';
import type { Store } from '../../src/store/index.js';
import { createXmlPool, type XmlReader } from '../../src/xml/index.js';
import { openTestStore } from '../servers/test-store.js';

export interface TestDirectory {
  readonly directory: Directory;
  readonly store: Store;
  readonly xml: XmlReader;
  readonly folder: string;
  readonly events: DirectoryEvent[];
  /** Closes it and deletes its folder. */
  destroy(): Promise<void>;
}

/** A real directory: store in a folder of its own (see `openTestStore`), real readers. `folder`: open that one again. */
export async function openTestDirectory({
  leaseFolder,
  ...options
}: Partial<DirectoryOptions> & { readonly folder?: string; readonly leaseFolder?: boolean } = {}): Promise<TestDirectory> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'facetry-test-')));
  const store = options.store ?? (await openTestStore(folder));
  const own = options.schemas !== undefined || typeof after !== 'function';
  const xml = own ? await createXmlPool({ workers: 1, schemas: options.schemas ?? [] }) : await readers();
  const events: DirectoryEvent[] = [];
  const { directory, ready } = openDirectory({
    ...options,
    ...(leaseFolder ? { lease: { ...options.lease, folder } } : {}),
    store,
    xml,
    onEvent: (event) => events.push(event),
  });
  await ready;
  return {
    directory,
    store,
    xml,
    folder,
    events,
    async destroy() {
      await directory.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let pool: Promise<XmlReader> | undefined;

/** One pool of readers for all directories of a run: starting one takes longer than most tests. It outlives them. */
async function readers(): Promise<XmlReader> {
  pool ??= createXmlPool({ workers: 1 });
  return { ...(await pool), close: async () => undefined };
}

// A process that a test starts has no hooks, and readers of its own.
if (typeof after === 'function') {
  after(async () => {
    await (await pool)?.close();
    pool = undefined;
  });
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A small valid resource; `id` undefined leaves the attribute out. */
export function resourceXml(
  id: string | undefined,
  options: { readonly scopes?: readonly string[]; readonly cpu?: string; readonly facets?: string } = {},
): string {
  const scopes = (options.scopes ?? ['/infra']).map((scope) => `<scope>${scope}</scope>`).join('');
  const facets = options.facets ?? `<f:hw><f:cpu>${options.cpu ?? '4'}</f:cpu></f:hw>`;
  return `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:f="urn:f"${id === undefined ? '' : ` id="${id}"`}>${scopes}${facets}</resource>`;
}
