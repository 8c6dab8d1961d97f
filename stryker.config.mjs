/**
 * `npm run mutants [-- --mutate 'src/discovery/syntax/**'] [-- --force]`: changes the discovery code in small ways, one at a time, and
 * tells which changes no test notices. All of it takes long: name a folder, or a file, or lines of one (`parse.ts:40-90`).
 * On the command line a list is split at its commas, so `{a,b}` in a pattern works only in this file.
 */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';

const TEMPORARY = '.stryker-tmp';

// The tests run in a copy of the repository inside TEMPORARY, and read the public suites as ../shared: there it is a link.
if (existsSync('../shared') && !existsSync(`${TEMPORARY}/shared`)) {
  mkdirSync(TEMPORARY, { recursive: true });
  symlinkSync(resolve('../shared'), `${TEMPORARY}/shared`);
}

// Every change meets these suites once, so random tests are small; one seed, or a change would be judged by other cases than the next.
const SMALL = { FUZZ_SEED: '1', FUZZ_RUNS: '100', FACETRY_SEED: '1', PLAN_RUNS: '20' };
for (const [name, value] of Object.entries(SMALL)) process.env[name] ??= value;

export default {
  mutate: ['src/discovery/**/*.ts'],
  // What judges: the quick suites. `--testFiles 'test/discovery/syntax/**/*.test.ts'` for fewer; what only the others notice then survives.
  testFiles: ['test/discovery/{syntax,functions,plan,columns}/**/*.test.ts', 'test/discovery/conformance.test.ts'],
  plugins: ['./scripts/mutants-runner.mjs'],
  testRunner: 'mocha-12',
  testRunnerNodeArgs: ['--import', 'tsx'],
  coverageAnalysis: 'perTest',
  // Left out: changes in what runs on import (tables, constants). Each would need a new process and every test.
  ignoreStatic: true,
  // No such file: Stryker would rewrite paths in it through an interface of the compiler that TypeScript 7 does not have.
  tsconfigFile: 'tsconfig.none.json',
  disableTypeChecks: false,
  ignorePatterns: ['dist', 'data', 'coverage', 'reports'],
  concurrency: 2,
  incremental: true,
  incrementalFile: 'reports/mutants.json',
  reporters: ['clear-text', 'progress-append-only', 'html'],
  htmlReporter: { fileName: 'reports/mutants.html' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: TEMPORARY,
  cleanTempDir: 'always',
};
