import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { keepCompact } from '../../src/directory/compaction.js';
import type { DirectoryEvent } from '../../src/directory/events.js';
import { follow } from '../../src/directory/live.js';
import { createColumns, serializeNode } from '../../src/discovery/columns/index.js';
import type { Change } from '../../src/model/index.js';
import { openStore } from '../../src/store/index.js';
import { bytes, resourceXml } from './open-test-directory.js';

describe('keeping the columns compact', () => {
  it('copies what is alive while commits go on, and swaps without losing one', async () => {
    const store = await openStore('memory:');
    const live = await follow(store, createColumns());
    const events: DirectoryEvent[] = [];
    const upkeep = keepCompact(live, (event) => events.push(event), { fraction: 0.3, rows: 100, interval: 5 });
    const first = live.columns;
    const latest = new Map<string, string>();
    const random = mulberry(7);
    for (let k = 0; k < 600 || events.length === 0; k++) {
      expect(k, 'commits without a compaction').to.be.below(20_000);
      const id = `n${Math.floor(random() * 40)}`;
      const remove = random() < 0.2 && latest.has(id);
      const xml = resourceXml(id, { cpu: String(k) });
      const change: Change = remove ? { kind: 'remove', id } : { kind: 'put', id, xml: bytes(xml) };
      if (remove) latest.delete(id);
      else latest.set(id, xml);
      await store.write([change]);
      if (k % 20 === 0) await pause(1);
    }
    await upkeep.close();
    expect(live.columns).to.not.equal(first);
    expect(live.revision).to.equal(await store.revision());
    const view = { columns: live.columns, revision: live.revision };
    const { slots } = live.columns;
    for (const [id, xml] of latest) {
      const slot = slots.find(id, live.revision);
      expect(slot, id).to.be.at.least(0);
      expect(new TextDecoder().decode(serializeNode(view, 2 * slots.row(slot)))).to.equal(xml);
    }
    const alive = Array.from({ length: slots.count }, (_, slot) => slot).filter((slot) => slots.died(slot) > live.revision);
    expect(alive.map((slot) => slots.id(slot))).to.have.members([...latest.keys()]);
    live.close();
    await store.close();
  });
});

/** A small seeded generator, so that a failure can be seen again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
