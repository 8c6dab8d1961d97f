/**
 * What a fresh clone lacks: node_modules in step with the lockfile, and dist newer than the sources.
 * Needs nothing but Node itself, because it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NATIVE = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
const ABI_STAMP = 'node_modules/.facetry-abi';
const BUILT_STAMP = 'dist/.built';

/** Installs what the lockfile names, if node_modules differs from it. */
export function ensureInstalled() {
  if (!inStep()) {
    say('installing dependencies (npm ci) …');
    npm(['ci', '--no-audit', '--no-fund']);
  } else if (!nativeFits()) {
    say(`compiling better-sqlite3 for Node ${process.versions.node} …`);
    npm(['rebuild', 'better-sqlite3']);
  } else return;
  if (!existsSync(at(NATIVE))) {
    throw new Failure(
      'better-sqlite3 has no binary for this Node: compiling needs python3, make and a C++ compiler (Debian: apt-get install build-essential python3)',
    );
  }
  writeFileSync(at(ABI_STAMP), process.versions.modules);
}

/** Builds dist if any source is newer than it. */
export function ensureBuilt() {
  const inputs = [...files(at('src')), at('tsconfig.json'), at('package.json')];
  const stamp = existsSync(at(BUILT_STAMP)) ? JSON.parse(readFileSync(at(BUILT_STAMP), 'utf8')) : { files: -1, at: 0 };
  const newest = Math.max(...inputs.map((file) => statSync(file).mtimeMs));
  // the count notices what was removed
  if (stamp.files === inputs.length && stamp.at >= newest) return false;
  say('building …');
  build(inputs.length, newest);
  return true;
}

/** Builds beside dist and swaps, so that a process started meanwhile finds the old build or the new, never half of one. */
function build(count, newest) {
  const fresh = at('node_modules/.cache/facetry-dist');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(fresh), { recursive: true });
  const done = spawnSync(
    process.execPath,
    [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json', '--outDir', fresh, '--noEmitOnError'],
    { cwd: ROOT, stdio: 'inherit' },
  );
  if (done.status !== 0) throw new Failure('the sources do not compile (see above)');
  writeFileSync(join(fresh, '.built'), JSON.stringify({ files: count, at: newest }));
  rmSync(at('dist'), { recursive: true, force: true });
  renameSync(fresh, at('dist'));
}

/** Are all packages that the lockfile demands installed in that version? */
function inStep() {
  const hidden = at('node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '' || ((optional || devOptional) && present[path] === undefined)) return true;
    return present[path]?.version === version;
  });
}

function nativeFits() {
  if (!existsSync(at(NATIVE))) return false;
  if (existsSync(at(ABI_STAMP))) return readFileSync(at(ABI_STAMP), 'utf8') === process.versions.modules;
  const loads = spawnSync(process.execPath, ['-e', `process.dlopen({ exports: {} }, ${JSON.stringify(at(NATIVE))})`], { stdio: 'ignore' });
  if (loads.status === 0) writeFileSync(at(ABI_STAMP), process.versions.modules);
  return loads.status === 0;
}

function npm(args) {
  // headers that lie beside this Node spare node-gyp a download
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
  const done = spawnSync('npm', args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...headers, ...process.env },
    shell: process.platform === 'win32',
  });
  if (done.error !== undefined) throw new Failure(`npm cannot be run: ${done.error.message}`);
  if (done.status !== 0) throw new Failure(`npm ${args[0]} failed (see above)`);
}

export function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

export function at(path) {
  return join(ROOT, path);
}

export function say(text) {
  process.stderr.write(`facetry: ${text}\n`);
}

/** Something the user has to mend; printed without a stack. */
export class Failure extends Error {}

/** Runs a script's body and turns a Failure into exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
