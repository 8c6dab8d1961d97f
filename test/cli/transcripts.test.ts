/**
 * Golden transcripts: what people type and see, against a real server. A transcript is read as
 *
 *     # a remark
 *     $ facetry list -o name          the command line, as a shell splits it
 *     < text                          a line of its standard input
 *     sample-host                     standard output
 *     ! error: …                      standard error
 *     [3]                             the exit code, when it is not 0
 *
 * What differs each time is written as ‹etag›, ‹url› and so on. FACETRY_TRANSCRIPTS=write writes them anew, for review.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import pino from 'pino';
import { packageVersion } from '../../src/cli/version.js';
import { configure, type RunningServer, run, startServer } from './program.js';
import { testTerminal } from './terminal.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = resolve(HERE, '../..');
const FOLDER = join(HERE, 'transcripts');

interface Step {
  readonly remarks: readonly string[];
  readonly line: string;
  readonly input: readonly string[];
  readonly expected: string;
}

describe('Transcripts of the command line', function () {
  this.timeout(60_000);

  for (const file of readdirSync(FOLDER).sort()) {
    it(file.replace(/\.txt$/, '').replaceAll('-', ' '), async () => {
      const folder = mkdtempSync(join(tmpdir(), 'facetry-cli-'));
      cpSync(join(HERE, 'fixtures'), folder, { recursive: true });
      const path = join(FOLDER, file);
      const steps = read(readFileSync(path, 'utf8'));
      const server = await serve(join(folder, 'served'));
      const written: string[] = [];
      try {
        for (const step of steps) {
          const actual = plain(await perform(step, folder, server.url), folder, server.url);
          written.push([...step.remarks, `$ ${step.line}`, ...step.input.map((line) => `< ${line}`), actual].join('\n'));
          if (process.env.FACETRY_TRANSCRIPTS !== 'write') expect(actual.trimEnd(), `$ ${step.line}`).to.equal(step.expected.trimEnd());
        }
      } finally {
        await server.close();
        rmSync(folder, { recursive: true, force: true });
      }
      if (process.env.FACETRY_TRANSCRIPTS === 'write') writeFileSync(path, `${written.join('\n').replace(/\n+$/, '')}\n`);
    });
  }
});

async function serve(data: string): Promise<RunningServer> {
  const { settings } = configure({ data, listen: '127.0.0.1:0' }, { env: {}, cwd: data, systemFile: join(data, 'none') });
  const server = await startServer(settings, { cwd: REPOSITORY, env: {} }, pino({ level: 'silent' }), () => {});
  await server.ready;
  return server;
}

/** `a | b`: the output of one command is the input of the next. */
async function perform({ line, input }: Step, cwd: string, url: string): Promise<string> {
  let stdin = input.map((text) => `${text}\n`).join('');
  let told = '';
  let code = 0;
  for (const part of line.split(/\s\|\s(?=facetry )/)) {
    const [program, ...args] = words(part);
    expect(program).to.equal('facetry');
    const env = { FACETRY_URL: url, HOME: cwd };
    const terminal = testTerminal({ env, stdin, cwd });
    code = await run(args, terminal);
    stdin = terminal.out();
    told += terminal.err();
  }
  const errors = told.replace(/^(?=.)/gm, '! ');
  return `${stdin}${stdin === '' || stdin.endsWith('\n') ? '' : '\n'}${errors}${code === 0 ? '' : `[${code}]\n`}`;
}

function plain(text: string, folder: string, url: string): string {
  return text
    .replaceAll(url, '‹url›')
    .replaceAll(folder, '‹folder›')
    .replaceAll(REPOSITORY, '‹repository›')
    .replace(/\b\d+ ms\b/g, '‹n› ms')
    .replace(/"hostname": "[^"]*"/g, '"hostname": "‹host›"')
    .replace(/"(?:\\")?(?![\da-f]{8}-)[\w-]{22,64}(?:\\")?"/g, '‹etag›')
    .replace(/\b(revision|next)="[^"]*"/g, '$1="‹cursor›"')
    .replace(/("?revision"?: ?)[\w".-]+/g, '$1‹cursor›')
    .replace(/ for \d+ s$/gm, ' for ‹n› s')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '‹time›')
    .replace(/^(\d+ +\d+ +)[\d.]+( +)/gm, '$1‹ms›$2')
    .replace(/^( +\d+ +)[\d.]+( +)/gm, '$1‹ms›$2')
    .replace(/\(pid \d+\)/g, '(pid ‹pid›)')
    .replaceAll(packageVersion(), '‹version›')
    .replaceAll(process.versions.node, '‹node›');
}

function read(text: string): Step[] {
  const steps: { remarks: string[]; line: string; input: string[]; expected: string }[] = [];
  let remarks: string[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const step = steps.at(-1);
    if (line.startsWith('# ')) remarks.push(line);
    else if (line.startsWith('$ ')) {
      steps.push({ remarks, line: line.slice(2), input: [], expected: '' });
      remarks = [];
    } else if (step !== undefined && remarks.length === 0) {
      if (line.startsWith('< ') && step.expected === '') step.input.push(line.slice(2));
      else step.expected += `${line}\n`;
    } else remarks.push(line);
  }
  return steps;
}

/** As a shell does: blanks separate, quotes of both kinds keep together. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  );
}
