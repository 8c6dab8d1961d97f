import { expect } from 'chai';
import { RequestProblem, Unreachable } from '../../src/client/index.js';
import { isAway, pauseAfter } from '../../src/keeper/publish/index.js';
import { createClock } from '../../src/keeper/run/clock.js';
import { cronFault, nextRun, periodOf, scheduleText } from '../../src/keeper/schedule.js';

describe('the schedule of a keeper', () => {
  it('counts from the run before, and adds jitter up to its limit', () => {
    const schedule = { everyMs: 30_000, jitterMs: 4000 };
    expect(nextRun(schedule, 1_000_000, () => 0)).to.equal(1_030_000);
    expect(nextRun(schedule, 1_000_000, () => 0.5)).to.equal(1_032_000);
    expect(periodOf(schedule, 0)).to.equal(34_000);
  });

  it('reads cron expressions, in a time zone if one is named', () => {
    const now = Date.now();
    const next = new Date(nextRun({ cron: '*/5 * * * *', jitterMs: 0 }, now));
    expect([next.getUTCMinutes() % 5, next.getUTCSeconds(), next.getTime() > now, next.getTime() <= now + 300_000]).to.deep.equal([
      0,
      0,
      true,
      true,
    ]);
    expect(periodOf({ cron: '*/5 * * * *', jitterMs: 0 }, now)).to.equal(300_000);
    const tokyo = new Date(nextRun({ cron: '0 3 * * *', timezone: 'Asia/Tokyo', jitterMs: 0 }, now));
    expect([tokyo.getUTCHours(), tokyo.getUTCMinutes()]).to.deep.equal([18, 0]);
  });

  it('takes what comes first of several, and nothing of what only changes cause', () => {
    const often = { cron: '0 3 1 1 *', everyMs: 1000, jitterMs: 0 };
    const now = Date.now();
    expect(nextRun(often, now)).to.equal(now + 1000);
    expect(nextRun({ onChange: ['/a'], jitterMs: 0 }, now)).to.equal(Number.POSITIVE_INFINITY);
    expect(periodOf({ onChange: ['/a'], jitterMs: 0 }, now)).to.equal(undefined);
    expect(scheduleText({ ...often, onChange: ['/a'] })).to.equal('0 3 1 1 *, every 1s, on-change');
  });

  it('says what is wrong with an expression', () => {
    expect(cronFault('*/5 * * * *')).to.equal(undefined);
    expect(cronFault('61 * * * *')).to.match(/61/);
    expect(cronFault('soon')).to.match(/5 or 6 fields/);
  });
});

describe('the clock of a keeper', () => {
  it('notices that it was set, by how much, and once', () => {
    let wall = 1_000_000;
    let real = 500;
    const clock = createClock(
      () => wall,
      () => real,
    );
    wall += 60_000;
    real += 59_500;
    expect(clock.jump(), 'a little drift').to.equal(0);
    wall -= 3_600_000;
    expect(clock.jump()).to.equal(-3_600_000);
    expect(clock.jump()).to.equal(0);
    wall += 7_200_000;
    expect(clock.jump()).to.equal(7_200_000);
  });
});

describe('the patience of a keeper', () => {
  it('waits longer each time, at random, up to a minute', () => {
    const least = [1, 2, 3, 10].map((attempt) => pauseAfter(attempt, 1000, 60_000, () => 0));
    const most = [1, 2, 3, 10].map((attempt) => pauseAfter(attempt, 1000, 60_000, () => 1));
    expect(least).to.deep.equal([500, 1000, 2000, 30_000]);
    expect(most).to.deep.equal([1000, 2000, 4000, 60_000]);
  });

  it('takes what the directory cannot do for its absence, and what it will not do for an answer', () => {
    const problem = (code: 'overloaded' | 'too-many-requests' | 'unauthorized' | 'facet-owned' | 'invalid-resource', status: number) =>
      new RequestProblem(code, {}, { status });
    expect(
      [
        new Unreachable('u', 'refused', 'm'),
        new Error('no token'),
        problem('overloaded', 503),
        problem('too-many-requests', 429),
        problem('unauthorized', 401),
      ].map(isAway),
    ).to.deep.equal([true, true, true, true, true]);
    expect([problem('facet-owned', 409), problem('invalid-resource', 422)].map(isAway)).to.deep.equal([false, false]);
  });
});
