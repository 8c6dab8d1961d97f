import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';
import { type Corpus, SIZES, type SizeName } from './corpus.js';
import { ask, fill } from './directory-client.js';
import type { RestartResult } from './results.js';
import { median } from './statistics.js';

/** From the start of the process to the first 200 of /readyz, with everything discoverable. */
export async function measureRestart(corpus: Corpus, size: SizeName): Promise<RestartResult> {
  const count = SIZES[size];
  const folder = await temporaryFolder('restart');
  let server: Facetry | undefined;
  const start = async () => {
    server = await startFacetry({ data: folder.path, built: true, patience: 120_000 });
    const wire = openWire(server.port);
    const answer = await ask(wire, `/discover?${new URLSearchParams({ xpath: 'count(/*)' })}`);
    wire.close();
    if (answer.count !== count) throw new Error(`${answer.count} of ${count} resources are there after a restart`);
    return server.startMs;
  };
  try {
    server = await startFacetry({ data: folder.path, built: true });
    await fill(server.port, count, corpus.document);
    const afterStop: number[] = [];
    const afterKill: number[] = [];
    for (let round = 0; round < 3; round++) {
      await server.stop();
      afterStop.push(await start());
    }
    for (let round = 0; round < 3; round++) {
      // Some hundred commits that no snapshot has seen, then the plug is pulled.
      const wire = openWire(server.port);
      for (const index of corpus.updates(300, count)) {
        const body = corpus.document(index, 3 + round);
        const { status } = await wire.request('PUT', `/resources/${corpus.id(index)}`, {
          headers: { 'Content-Type': 'application/xml' },
          body,
        });
        if (status !== 200) throw new Error(`PUT answers ${status}`);
      }
      await server.kill();
      afterKill.push(await start());
    }
    await server.stop();
    await removeSnapshots(folder.path);
    const withoutSnapshotMs = await start();
    return { afterStopMs: median(afterStop), afterKillMs: median(afterKill), withoutSnapshotMs };
  } finally {
    await server?.stop();
    await folder.remove();
  }
}

/** A snapshot is a cache beside the store: any of its files may be missing. */
async function removeSnapshots(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) if (/snapshot|columns/.test(entry)) await rm(join(folder, entry), { recursive: true });
}
