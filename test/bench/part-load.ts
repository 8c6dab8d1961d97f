import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBaseX } from '../servers/basex.js';
import { startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';
import { type Corpus, SIZES, type SizeName, writeFiles } from './corpus.js';
import { ask, fill } from './directory-client.js';
import type { LoadResult } from './results.js';
import { createDatabase } from './side-basex.js';

/** The same files: published over HTTP until all are validated, durable and discoverable; and BaseX's CREATE DB with its indexes. */
export async function measureLoad(corpus: Corpus, size: SizeName, withBaseX: boolean): Promise<LoadResult> {
  const files = await temporaryFolder('files');
  try {
    const xmlBytes = await writeFiles(corpus, SIZES[size], files.path);
    const oursSeconds = await loadOurs(corpus, size, files.path);
    const basexSeconds = withBaseX ? await loadBaseX(files.path) : undefined;
    return { xmlBytes, oursSeconds, ...(basexSeconds === undefined ? {} : { basexSeconds }) };
  } finally {
    await files.remove();
  }
}

async function loadOurs(corpus: Corpus, size: SizeName, files: string): Promise<number> {
  const folder = await temporaryFolder('load');
  const server = await startFacetry({ data: folder.path, built: true });
  try {
    const began = performance.now();
    await fill(server.port, SIZES[size], (index) =>
      readFile(join(files, String(Math.floor(index / 1_000)).padStart(3, '0'), `${corpus.id(index)}.xml`), 'utf8'),
    );
    const wire = openWire(server.port);
    const { count } = await ask(wire, `/discover?${new URLSearchParams({ xpath: 'count(/*)' })}`);
    const seconds = (performance.now() - began) / 1_000;
    wire.close();
    if (count !== SIZES[size]) throw new Error(`${count} of ${SIZES[size]} resources are discoverable`);
    return seconds;
  } finally {
    await server.stop();
    await folder.remove();
  }
}

async function loadBaseX(files: string): Promise<number> {
  const server = await startBaseX();
  try {
    const session = await server.connect();
    return await createDatabase(session, 'd', files);
  } finally {
    await server.stop();
  }
}
