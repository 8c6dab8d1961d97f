/**
 * `npm test [-- FILE… | --grep TEXT]`: everything a change must pass, on a fresh clone too. Ends with the line
 * `N passed, N failed` (`, N skipped`), in which lint, types and build count one each.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { at, ensureBuilt, ensureInstalled, Failure, files, main, say } from './ensure.mjs';
import { ensureServers } from './servers.mjs';

/** From the ground up, so that the first failure printed is the one to look at; what breaks processes and disks comes last. */
const ORDER = ['layout.test.ts', 'docs.test.ts', 'model', 'xml', 'store', 'discovery', 'directory', 'http', 'client', 'cli'];

await main(() => {
  ensureInstalled();
  const missing = ensureServers('test');
  if (missing.length > 0) say(`missing: ${missing.join(' ')} (apt-get install ${missing.join(' ')}); the tests that need them are skipped`);

  const totals = { passed: 0, failed: 0, skipped: 0 };
  const add = (counts) => {
    for (const key of Object.keys(totals)) totals[key] += counts[key];
  };
  const only = process.argv.slice(2);
  if (only.length === 0) {
    add(check('lint', 'biome check', ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off', '.']));
    add(check('types of src and test', 'tsc', ['node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json']));
  }
  add(buildCheck());
  add(mocha(only.length > 0 ? only : inOrder()));
  const { passed, failed, skipped } = totals;
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});

function check(title, tool, args) {
  const done = spawnSync(
    process.execPath,
    args.map((arg, i) => (i === 0 ? at(arg) : arg)),
    { cwd: at('.'), stdio: 'inherit' },
  );
  const ok = done.status === 0;
  console.log(`${ok ? '✓' : '✗'} ${title} (${tool})`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function buildCheck() {
  try {
    ensureBuilt();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`✗ build: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  console.log('✓ build');
  return { passed: 1, failed: 0, skipped: 0 };
}

function mocha(args) {
  const folder = mkdtempSync(join(tmpdir(), 'facetry-test-'));
  const counts = join(folder, 'counts.json');
  try {
    const env = { ...process.env, FACETRY_TEST_COUNTS: counts, FACETRY_TEST_BUILT: '1' };
    const given = [at('node_modules/mocha/bin/mocha.js'), '--reporter', at('scripts/reporter.mjs'), ...args];
    const done = spawnSync(process.execPath, given, { cwd: at('.'), stdio: 'inherit', env });
    const result = read(counts);
    if (result === undefined) {
      console.log(`✗ the test runner ended early (${done.signal ?? `exit code ${done.status}`})`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    if (done.status !== 0 && result.failed === 0) {
      console.log(`✗ the test runner ended with ${done.signal ?? `exit code ${done.status}`} after its last test`);
      result.failed++;
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function inOrder() {
  const rank = (file) => {
    const index = ORDER.indexOf(file.split('/')[1]);
    return index < 0 ? ORDER.length : index;
  };
  return files(at('test'))
    .map((file) => relative(at('.'), file))
    .filter((file) => file.endsWith('.test.ts'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
