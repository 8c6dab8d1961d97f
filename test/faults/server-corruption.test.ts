import { existsSync, readdirSync } from 'node:fs';
import { cp, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { resource } from '../servers/documents.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { type Random, random, seedFrom } from '../servers/random.js';
import { openWire } from '../servers/wire.js';

const ROUNDS = Number(process.env.FACETRY_FLIPS ?? 6);
const RESOURCES = 200;
const FLIPS = 40;

describe('A store whose files were damaged', function () {
  this.timeout(60_000 + ROUNDS * 15_000);

  it(`is refused, or serves right bytes or an error: never wrong ones (${ROUNDS} times ${FLIPS} bits)`, async () => {
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const dice = random(seed);
    const folder = await temporaryFolder('corruption');
    const good = join(folder.path, 'good');
    const outcomes = { refused: 0, served: 0, errors: 0 };
    try {
      const right = await publishSome(good);
      const all = readdirSync(good, { recursive: true, encoding: 'utf8' });
      for (let round = 0; round < ROUNDS; round++) {
        const damaged = join(folder.path, `damaged-${round}`);
        await cp(good, damaged, { recursive: true });
        // by turns the files of the store, all files, and the caches beside it
        const files = all.filter((file) => (round % 3 === 1 ? true : /snapshot|columns/.test(file) === (round % 3 === 2)));
        const flipped = await flip(damaged, files, dice);
        const where = `round ${round}, bits flipped in ${flipped.join(', ')}`;
        const started = await startFacetry({ data: damaged, patience: 15_000 }).catch((error: Error) => error);
        if (started instanceof Error) {
          outcomes.refused += 1;
          expect(started.message, where).to.match(/damaged|corrupt|malformed|checksum|not a database/i);
          expect(started.message, `${where}: the error names the folder`).to.include(damaged);
          continue;
        }
        try {
          outcomes.served += 1;
          outcomes.errors += await expectNothingWrong(started, right, where);
        } finally {
          await started.stop();
        }
      }
      console.log(`      ${outcomes.refused} refused to start, ${outcomes.served} served, ${outcomes.errors} answers were errors`);
    } finally {
      await folder.remove();
    }
  });
});

/** Publishes resources and stops the server; the documents as it serves them. */
async function publishSome(data: string): Promise<Map<string, string>> {
  const server = await startFacetry({ data });
  const wire = openWire(server.port);
  const right = new Map<string, string>();
  for (let n = 0; n < RESOURCES; n++) {
    const body = resource(`r${n}`, `value ${n}`, 'padding '.repeat(n % 50));
    const put = await wire.request('PUT', `/resources/r${n}`, { headers: { 'Content-Type': 'application/xml' }, body });
    expect(put.status).to.equal(201);
    right.set(`r${n}`, (await wire.request('GET', `/resources/r${n}`)).body.toString('utf8'));
  }
  wire.close();
  await server.stop();
  return right;
}

async function flip(folder: string, files: readonly string[], dice: Random): Promise<string[]> {
  const touched = new Set<string>();
  const candidates: { file: string; size: number }[] = [];
  for (const file of files) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    const { size } = await stat(path);
    if (size > 0 && (await stat(path)).isFile()) candidates.push({ file, size });
  }
  expect(candidates.length, 'files to damage').to.be.greaterThan(0);
  const total = candidates.reduce((sum, { size }) => sum + size, 0);
  for (let n = 0; n < FLIPS; n++) {
    let at = dice.int(total);
    const { file } = candidates.find(({ size }) => {
      if (at < size) return true;
      at -= size;
      return false;
    }) as { file: string };
    const handle = await open(join(folder, file), 'r+');
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte[0] = (byte[0] as number) ^ (1 << dice.int(8));
    await handle.write(byte, 0, 1, at);
    await handle.close();
    touched.add(file);
  }
  return [...touched];
}

/** Every resource is as it was, or its answer says that it cannot be read. Returns how many said so. */
async function expectNothingWrong(server: Facetry, right: ReadonlyMap<string, string>, where: string): Promise<number> {
  const wire = openWire(server.port);
  let errors = 0;
  for (const [id, xml] of right) {
    const { status, body } = await wire.request('GET', `/resources/${id}`);
    if (status === 200) expect(body.toString('utf8'), `${id}, ${where}`).to.equal(xml);
    else {
      errors += 1;
      expect(status, `${id}, ${where}: ${body}`).to.be.within(500, 599);
    }
  }
  const asked = await wire.request('GET', `/discover?${new URLSearchParams({ xpath: 'count(/*)' })}`);
  if (asked.status === 200 && errors === 0) expect(asked.body.toString(), where).to.include(`>${right.size}<`);
  wire.close();
  return errors;
}
