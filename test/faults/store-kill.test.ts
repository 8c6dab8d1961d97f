import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Problem } from '../../src/model/index.js';
import { openStore } from '../../src/store/index.js';
import { findings, refusal } from '../contract/store.js';
import { random, seedFrom } from '../servers/random.js';
import { acknowledged, expectAcknowledged, kill, scratchFolder, startChild } from './store-process.js';

const KILLS = Number(process.env.FACETRY_KILLS ?? 10);
const { seed, int } = random(seedFrom('FACETRY_SEED'));

describe(`an embedded store whose process is killed (FACETRY_KILLS=${KILLS} FACETRY_SEED=${seed})`, () => {
  const folder = join(scratchFolder(), 'store');

  it(`holds every acknowledged write after each of ${KILLS} kills during load`, async function () {
    this.timeout(10_000 * KILLS);
    const writers = new Map<string, number>();
    let total = 0;
    for (let round = 0; round < KILLS; round++) {
      const child = startChild([], folder, `k${round}w`, 8, 0);
      await child.until(({ said }) => said === 'ack');
      if (round === 0) {
        const locked = await refusal(openStore(`embedded:${folder}`));
        expect(locked.code).to.equal('store-locked');
        expect(locked.message).to.include(`process ${child.process.pid}`);
      }
      await sleep(int(400));
      await kill(child);
      const fresh = acknowledged(child.lines);
      for (const count of fresh.values()) total += count;
      const store = await openStore(`embedded:${folder}`);
      try {
        const last = Math.max(...child.lines.map((line) => (line.said === 'ack' ? line.revision : 0)));
        expect(await store.revision()).to.be.within(last, last + 8);
        expect(await findings(store)).to.deep.equal([]);
        // What was written in this round may have one write more; what was settled before must be as it was.
        const settled = await expectAcknowledged(store, fresh);
        await expectAcknowledged(store, new Map([...writers, ...settled]), true);
        for (const [writer, count] of settled) writers.set(writer, count);
      } finally {
        await store.close();
      }
    }
    console.log(`      ${total} acknowledged writes in ${KILLS} rounds, all there`);
    expect(total).to.be.greaterThan(50 * KILLS);
  });

  it('refuses to open when its log has lost durable commits, and says which', async function () {
    this.timeout(20_000);
    const child = startChild([], folder, 'lost', 4, 0);
    await child.until((line, lines) => line.said === 'ack' && lines.length > 40);
    await kill(child);
    const log = join(folder, 'store.sqlite-wal');
    const bytes = readFileSync(log);
    const last = Math.max(...child.lines.map((line) => (line.said === 'ack' ? line.revision : 0)));

    // One flipped bit near its beginning ends the log there for SQLite, which calls that a crash.
    const flipped = Uint8Array.from(bytes);
    flipped[Math.floor(statSync(log).size / 10)] ^= 4;
    writeFileSync(log, flipped);
    const refused: Problem = await refusal(openStore(`embedded:${folder}`));
    expect(refused.code).to.equal('corrupt-store');
    expect(refused.message).to.match(
      new RegExp(
        `store\\.sqlite is damaged: it ends at revision \\d+, but revision (${last}|${last + 1}|${last + 2}|${last + 3}|${last + 4}) was durable`,
      ),
    );
    expect(refused.hint).to.include('store.mark');
    // Refusing has changed nothing: whoever can mend the log by hand still has it.
    expect(Buffer.compare(readFileSync(log), flipped)).to.equal(0);

    rmSync(log);
    expect((await refusal(openStore(`embedded:${folder}`))).code).to.equal('corrupt-store');

    writeFileSync(log, bytes);
    const store = await openStore(`embedded:${folder}`);
    expect(await store.revision()).to.be.at.least(last);
    await store.close();
  });
});
