import { expect } from 'chai';
import { describeFailure, fuzz } from '../fuzz/run.js';

/** A short run of `npm run fuzz`, with a new seed each time; FUZZ_CASES and FUZZ_SEED are read from the environment. */
describe('random expressions on random documents', () => {
  it('the engine, the twin and libxml2 agree, but for what is known of libxml2', async function () {
    // Two thousand questions to three engines take a few seconds, on a busy machine more; each has bounds of its own.
    this.timeout(120_000);
    const cases = Number(process.env.FUZZ_CASES ?? 2_000);
    const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`      seed ${seed}, about ${cases} cases`);
    const { tally, failure } = await fuzz({ cases, seed, libxml2: true });
    expect(failure === undefined ? '' : describeFailure(failure)).to.equal('');
    const times = (what: string) => tally.get(what) ?? 0;
    expect(times('engine compared with twin'), 'cases compared with the twin').to.be.above(cases / 2);
    expect(times('libxml2 compared with twin'), 'cases compared with libxml2').to.be.above(cases / 2);
    expect(times('libxml2: hang') + times('libxml2: crash'), 'cases libxml2 did not survive').to.be.below(cases / 100);
  });
});
