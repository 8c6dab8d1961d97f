import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openStore } from '../../src/store/index.js';
import { findings } from '../contract/store.js';
import type { Line } from './store-child.js';
import { acknowledged, type Child, expectAcknowledged, kill, needStrace, scratchFolder, startChild } from './store-process.js';

describe('an embedded store and fsync', function () {
  this.timeout(60_000);
  const scratch = scratchFolder();

  before(function () {
    return needStrace(this);
  });

  it('syncs every commit that stands alone, and shares a sync among those that wait together', async () => {
    const alone = await countSyncs('alone', 1, 200);
    const none = await countSyncs('none', 1, 1);
    const together = await countSyncs('together', 40, 20);
    expect(alone - none).to.be.at.least(199);
    console.log(`      200 writes of one writer: ${alone} syncs; 800 writes of 40 writers: ${together}`);
    expect(together - none).to.be.within(10, 200);
  });

  it('acknowledges nothing after a sync has failed and fails on, and goes on answering reads', async () => {
    const folder = join(scratch, 'broken');
    const child = startChild(inject('error=EIO:when=40+'), folder, 'w', 4, 0);
    await child.until((_line, lines) => refusals(lines).length >= 12);
    await kill(child);
    const first = child.lines.findIndex(({ said }) => said === 'refused');
    expect(child.lines.slice(first).filter(({ said }) => said === 'ack')).to.deep.equal([]);
    expect(refusals(child.lines).map(({ code, readable }) => `${code} ${readable}`)).to.deep.equal(
      refusals(child.lines).map(() => 'store-unavailable true'),
    );
    await expectExactly(folder, child);
  });

  for (const when of ['when=40', 'when=40..43', 'when=30+7']) {
    it(`goes on by itself when syncs work again (${when}), and what was refused has not happened`, async () => {
      const folder = join(scratch, when);
      const child = startChild(inject(`error=EIO:${when}`), folder, 'w', 4, 60);
      await child.ended;
      expect(child.errors()).to.equal('');
      expect(refusals(child.lines)).not.to.have.length(0);
      expect(child.lines.at(-1)?.said).to.equal('end');
      const revisions = child.lines.flatMap((line) => (line.said === 'ack' ? [line.revision] : []));
      expect(revisions.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 240 }, (_, i) => i + 1));
      await expectExactly(folder, child);
    });
  }

  it('never keeps the thread of the callers waiting for a slow disk', async () => {
    const child = startChild(inject('delay_enter=700000'), join(scratch, 'slow'), 'w', 2, 4);
    await child.ended;
    expect(acknowledged(child.lines)).to.deep.equal(
      new Map([
        ['w0', 4],
        ['w1', 4],
      ]),
    );
    const end = child.lines.at(-1);
    expect(end?.said === 'end' && end.stalled).to.be.lessThan(500);
  });

  /** Acknowledged writes and no others: also a write whose frames have reached the log before its sync failed is not there. */
  async function expectExactly(folder: string, child: Child): Promise<void> {
    const store = await openStore(`embedded:${folder}`);
    try {
      expect(await findings(store)).to.deep.equal([]);
      await expectAcknowledged(store, acknowledged(child.lines), true);
      expect(await store.revision()).to.equal(child.lines.filter(({ said }) => said === 'ack').length);
    } finally {
      await store.close();
    }
  }

  async function countSyncs(name: string, writers: number, writes: number): Promise<number> {
    const table = join(scratch, `${name}.strace`);
    const child = startChild(['strace', '-f', '-c', '-e', 'trace=fsync,fdatasync', '-o', table], join(scratch, name), 'w', writers, writes);
    await child.ended;
    expect(child.lines.filter(({ said }) => said === 'ack')).to.have.length(writers * writes);
    const calls = [...readFileSync(table, 'utf8').matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?:fsync|fdatasync)$/gm)];
    return calls.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  function inject(fault: string): string[] {
    return ['strace', '-f', '-q', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${fault}`, '-o', '/dev/null'];
  }
});

function refusals(lines: readonly Line[]): Extract<Line, { said: 'refused' }>[] {
  return lines.filter((line) => line.said === 'refused');
}
