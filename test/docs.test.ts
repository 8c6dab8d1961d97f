/** The README names everything a user can meet. Each failure lists what is missing, ready to be written about. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Command } from 'commander';
import { commandsFor } from '../src/cli/commands/index.js';
import { SETTING_NAMES } from '../src/cli/config/settings.js';
import { createProgram } from '../src/cli/program.js';
import { clusterRoutes } from '../src/cli/serve/clusters/index.js';
import { FUNCTIONS, OPERATORS } from '../src/discovery/functions/index.js';
import { routes } from '../src/http/index.js';
import { PROBLEMS } from '../src/model/index.js';
import { quietTerminal } from './cli/terminal.js';

const never = () => {
  throw new Error('the table is only read');
};
const NO_DOORS = { client: never, vault: never };
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { dependencies, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
/** The recommendation itself lists these. */
const CORE = new Set(
  'last position count id local-name namespace-uri name string concat starts-with contains substring-before substring-after substring string-length normalize-space translate boolean not true false lang number sum floor ceiling round'.split(
    ' ',
  ),
);

/** In backquotes, maybe with more behind it, so that `get` is not found in "forget". */
function isNamed(word: string): boolean {
  const plain = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:\`|\\s|^|[(|])${plain}(?![\\w-])`, 'm').test(README);
}

function missing(words: Iterable<string>): string[] {
  return [...words].filter((word) => !isNamed(word));
}

describe('README.md names', () => {
  let program: Command;
  let shown: readonly Command[];
  before(async () => {
    program = createProgram(quietTerminal(), await commandsFor([]));
    shown = program.commands;
  });

  it('every problem code', () => expect(missing(Object.keys(PROBLEMS))).to.deep.equal([]));
  it('the status of every problem code', () => {
    const wrong = Object.entries(PROBLEMS).filter(
      ([code, [status]]) => !README.split('\n').some((line) => line.includes(`\`${code}\``) && line.includes(String(status))),
    );
    expect(wrong.map(([code, [status]]) => `${code} ${status}`)).to.deep.equal([]);
  });
  it('every route', () => expect(missing(allRoutes())).to.deep.equal([]));
  it('every command', () => expect(missing(shown.map((command) => `facetry ${command.name()}`))).to.deep.equal([]));
  it('every flag of every command', () => {
    const flags = new Set(
      [program, ...shown].flatMap((command) => command.options.filter((option) => !option.hidden).map((option) => option.long as string)),
    );
    expect(missing(flags)).to.deep.equal([]);
  });
  it('every setting', () => expect(missing(SETTING_NAMES.map((name) => `--${name}`))).to.deep.equal([]));
  it('every exit code', () =>
    expect(['0', '1', '2', '3', '4', '5', '6', '7', '130'].filter((code) => !new RegExp(`\\b${code}\\b`).test(README))).to.deep.equal([]));
  it('every function beyond the core library', () => {
    const further = [...FUNCTIONS.keys(), ...OPERATORS].filter((name) => !CORE.has(name));
    expect(missing(further)).to.deep.equal([]);
  });
  it('every dependency', () => expect(missing(Object.keys(dependencies as object))).to.deep.equal([]));
  it('every npm script', () => {
    const said = (name: string) => isNamed(`npm run ${name}`) || isNamed(`npm ${name}`);
    expect(Object.keys(scripts as object).filter((name) => !/^(?:pre|post)/.test(name) && !said(name))).to.deep.equal([]);
  });
  it('no file that is not there', () => {
    const links = [...README.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path]) => path as string);
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).to.deep.equal([]);
  });
});

/** Those of the table, those of a server that keeps clusters, and the one that a server with metrics adds. */
function allRoutes(): string[] {
  return [...routes(clusterRoutes(NO_DOORS)).map(({ method, path }) => `${method.toUpperCase()} ${path}`), 'GET /metrics'];
}
