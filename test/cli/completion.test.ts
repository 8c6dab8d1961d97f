import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandsFor } from '../../src/cli/commands/index.js';
import { candidates, type Dynamic } from '../../src/cli/completion/candidates.js';
import { completionScript, SHELLS } from '../../src/cli/completion/scripts.js';
import { run } from '../../src/cli/main.js';
import { createProgram } from '../../src/cli/program.js';
import { quietTerminal, testTerminal } from './terminal.js';

const dynamic: Dynamic = {
  ids: async (prefix) => ['node-7', 'node-8', 'site'].filter((id) => id.startsWith(prefix)),
  interfaces: async () => [
    { prefix: 'host', ns: 'urn:facetry:host' },
    { prefix: 'site', ns: 'urn:facetry:site' },
  ],
};
const offered = async (...words: string[]) =>
  (await candidates(createProgram(quietTerminal(), await commandsFor([])), words, dynamic)).map(({ word }) => word);

describe('Completion', () => {
  const cases: readonly (readonly [typed: readonly string[], offered: readonly string[]])[] = [
    [['pub'], ['publish']],
    [['re'], ['remove', 'resync', 'restore']],
    [
      ['get', 'node'],
      ['node-7', 'node-8'],
    ],
    [['remove', 'node-7', 's'], ['site']],
    [['list', '--li'], ['--limit']],
    [['list', '-o', 'ya'], ['yaml']],
    [['list', '--output=j'], ['--output=json']],
    [['serve', '--log-level', 'w'], ['warn']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['explain', 'h'], ['host']],
    [['interfaces', 'sh'], ['show']],
    [['discover', '//ho'], ['//host:']],
    [['discover', '//host:host[s'], ['//host:host[site:']],
    [['discover', '--ns', 'h'], ['host=urn:facetry:host']],
    [['publish', 'x'], []],
  ];
  for (const [typed, words] of cases)
    it(`facetry ${typed.join(' ')}⇥ → ${words.join(' ') || 'files'}`, async () => expect(await offered(...typed)).to.deep.equal(words));

  it('offers every command, none that is hidden', async () => {
    const all = await offered('');
    expect(all).to.include.members(['serve', 'publish', 'discover']);
    expect(all.filter((word) => word.startsWith('_'))).to.deep.equal([]);
  });

  it('has nothing to offer, quickly, when no directory answers', async () => {
    const terminal = testTerminal({ env: { FACETRY_URL: 'http://127.0.0.1:59997' } });
    expect(await run(['__complete', 'get', ''], terminal)).to.equal(0);
    expect([terminal.out(), terminal.err()]).to.deep.equal(['', '']);
  });

  for (const shell of SHELLS) {
    const installed = spawnSync(shell, ['--version']).status === 0;
    (installed ? it : it.skip)(`${shell} takes the script${installed ? '' : ` (skipped: ${shell} is not installed)`}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'facetry-completion-'));
      try {
        writeFileSync(join(folder, 'script'), completionScript(shell));
        const checked = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8', env: { ...process.env, HOME: folder } });
        expect([checked.status, checked.stderr]).to.deep.equal([0, '']);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  it('bash offers what facetry says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'facetry-completion-'));
    try {
      writeFileSync(join(folder, 'facetry'), '#!/bin/sh\n[ "$*" = "__complete get n" ] && printf \'node-7\\tA node\\nnode 8\\n\'\n', {
        mode: 0o755,
      });
      const script = `${completionScript('bash')}\nCOMP_WORDS=(facetry get n); COMP_CWORD=2; _facetry; printf '%s|' "\${COMPREPLY[@]}"`;
      const done = spawnSync('bash', ['--norc', '-c', script], { env: { PATH: `${folder}:${process.env.PATH}` }, encoding: 'utf8' });
      expect(done.stdout, done.stderr).to.equal('node-7|node\\ 8|');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
