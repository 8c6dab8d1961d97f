/**
 * `npm run fuzz`: random XPath on random documents, our engine against a naive twin and against libxml2.
 * FUZZ_CASES (20 000), FUZZ_SEED (random) and FUZZ_PATH (to come back to one failure) are read from the environment.
 */
import { describeFailure, fuzz } from './run.js';

const cases = Number(process.env.FUZZ_CASES ?? 20_000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}, about ${cases} cases`);
const start = performance.now();
const { tally, failure } = await fuzz({ cases, seed, path: process.env.FUZZ_PATH, libxml2: true });
for (const [what, times] of [...tally].sort()) console.log(`${String(times).padStart(9)}  ${what}`);
console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`);
if (failure) {
  console.error(describeFailure(failure));
  process.exitCode = 1;
}
