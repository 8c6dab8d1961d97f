/** `facetry __complete WORDS…`, which the completion scripts ask. Never fails: it rather has nothing to offer. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { connect } from '../../client/index.js';
import { configure } from '../config/configuration.js';
import { credentials } from '../credentials.js';
import type { Terminal } from '../terminal.js';
import { candidates, type Dynamic } from './candidates.js';

/** ms the directory may take, and ms for which what it said is kept. */
const PATIENCE = 1000;
const FRESH = 30_000;
const MOST_IDS = 200;

export async function complete(program: Command, words: readonly string[], terminal: Terminal): Promise<string> {
  try {
    const found = await candidates(program, words, dynamicOf(words, terminal));
    return found.map(({ word, about }) => (about === undefined ? `${word}\n` : `${word}\t${about}\n`)).join('');
  } catch {
    return '';
  }
}

function dynamicOf(words: readonly string[], terminal: Terminal): Dynamic {
  const at = words.indexOf('--url');
  const url = words.find((word) => word.startsWith('--url='))?.slice('--url='.length) ?? (at >= 0 ? words[at + 1] : undefined);
  const configuration = configure(url === undefined ? {} : { url }, terminal);
  const { settings } = configuration;
  const directory = connect(settings.url, { timeout: PATIENCE, retries: 0, ...credentials(configuration, terminal) });
  const cached = cache(terminal, settings.url);
  return {
    ids: (prefix) =>
      cached(`ids ${prefix}`, async () => {
        const found: string[] = [];
        const options = { variables: { prefix }, limit: MOST_IDS, signal: AbortSignal.timeout(PATIENCE) };
        for await (const node of directory.discover('/r:resource[starts-with(@id, $prefix)]/@id', options))
          if ('resource' in node) found.push(node.resource);
        return found;
      }),
    interfaces: () => cached('interfaces', () => directory.interfaces({ signal: AbortSignal.timeout(PATIENCE) })),
  };
}

/** Pressing the key twice asks the directory once. */
function cache(terminal: Terminal, url: string): <T>(key: string, ask: () => Promise<T>) => Promise<T> {
  const { env } = terminal;
  const home = env.XDG_CACHE_HOME || (env.HOME ? join(env.HOME, '.cache') : undefined);
  return async (key, ask) => {
    if (home === undefined) return await ask();
    const folder = join(home, 'facetry');
    const file = join(folder, `completion-${createHash('sha256').update(`${url} ${key}`).digest('hex').slice(0, 16)}.json`);
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - written < FRESH) return JSON.parse(readFileSync(file, 'utf8'));
    const answer = await ask();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(answer), { mode: 0o600 });
    return answer;
  };
}
