import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { patience } from '../../src/http/patience.js';

describe('http/patience', () => {
  const watch = (base: number, rate: number) => {
    const state = { over: false };
    return { state, ...patience(base, rate, () => (state.over = true)) };
  };

  it('ends when nothing moves', async () => {
    const waiting = watch(30, 1000);
    waiting.begin();
    await sleep(80);
    expect(waiting.state.over).to.equal(true);
    waiting.stop();
  });

  it('is longer for those who move bytes', async () => {
    const waiting = watch(30, 1000);
    waiting.begin();
    waiting.end(1000);
    waiting.begin();
    await sleep(80);
    expect(waiting.state.over).to.equal(false);
    waiting.stop();
  });

  it('a byte now and then does not help', async () => {
    const waiting = watch(40, 1000);
    for (let round = 0; round < 20 && !waiting.state.over; round += 1) {
      waiting.begin();
      await sleep(5);
      waiting.end(1);
    }
    waiting.begin();
    await sleep(20);
    expect(waiting.state.over).to.equal(true);
    waiting.stop();
  });

  it('our own work does not count, and stopped is stopped', async () => {
    const waiting = watch(30, 1000);
    waiting.begin();
    waiting.end(1);
    await sleep(80);
    expect(waiting.state.over).to.equal(false);
    waiting.begin();
    waiting.stop();
    await sleep(50);
    expect(waiting.state.over).to.equal(false);
  });
});
