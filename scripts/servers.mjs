/** Servers and tools that tests and benchmarks need: test/servers/packages.txt names them, Debian's packages bring them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { at, Failure, say } from './ensure.mjs';

/** Installs what is missing when it can; returns the packages that stay missing. With CI=true that is a failure. */
export function ensureServers(purpose) {
  let missing = needed(purpose).filter(({ command }) => !onPath(command));
  if (missing.length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
    const names = missing.map((server) => server.name);
    say(`installing ${names.join(' ')} …`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
    if (!apt('install', '-y', '--no-install-recommends', ...names))
      apt('update') && apt('install', '-y', '--no-install-recommends', ...names);
    missing = missing.filter(({ command }) => !onPath(command));
  }
  const names = missing.map((server) => server.name);
  if (names.length > 0 && process.env.CI === 'true')
    throw new Failure(`missing: ${names.join(' ')}; as root they are installed, else: apt-get install ${names.join(' ')}`);
  return names;
}

function needed(purpose) {
  return readFileSync(at('test/servers/packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/))
    .map(([name, command, ...purposes]) => ({ name, command, purposes }))
    .filter((server) => server.purposes.includes(purpose));
}

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, command)));
}
