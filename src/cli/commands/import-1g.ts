import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isScope, type Notice, Problem } from '../../model/index.js';
import { import1g as convert } from '../../xml/index.js';
import type { CommandSpec } from '../command.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';
import { problemText } from '../output/report.js';

export const import1g: CommandSpec = {
  name: 'import-1g',
  summary: 'Convert first-generation gCube profiles to resources',
  description:
    'Type becomes the namespace urn:gcube:1g:TYPE, each child of Profile a facet, attributes child elements. Text mixed with elements is refused with its place; passwords and encrypted values are left out. What was left out is told on standard error.',
  arguments: [{ form: '<FILE...>', about: 'profiles, patterns, or - for standard input' }],
  options: [
    ['--scope <SCOPE>', 'for profiles that name none (repeatable)', { repeatable: true }],
    ['--out <FOLDER>', 'write one file each instead of one line each'],
    ['--publish', 'publish them instead of printing them'],
  ],
  examples: [
    ['facetry import-1g profile.xml', 'print the resource'],
    ["facetry import-1g 'profiles/*.xml' --out converted", 'into files'],
    ["facetry import-1g 'profiles/*.xml' --scope /gcube --publish", 'straight into the directory'],
  ],
  async run(session, [given], options) {
    const scopes = (options.scope ?? []) as readonly string[];
    for (const scope of scopes) if (!isScope(scope)) throw new UsageError(`"${scope}" is no scope`, 'write /a or /a/b');
    if (options.out !== undefined && options.publish === true) throw new UsageError('--out and --publish exclude each other');
    const { terminal, colors } = session;
    const folder = options.out === undefined ? undefined : resolve(terminal.cwd, String(options.out));
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    let refused = 0;
    let converted = 0;
    for (const file of inputFiles(given as readonly string[], terminal)) {
      const bytes = await readInput(file, terminal);
      try {
        const { xml, report } = convert(bytes, scopes.length === 0 ? {} : { scopes });
        for (const notice of report) session.note(noticeText(file.label, notice, colors.err.yellow('notice')));
        if (options.publish === true) await publish(session.client, xml, session.print);
        else if (folder === undefined) await session.print(`${xml.replace(/\n/g, '&#10;')}\n`);
        else writeFileSync(join(folder, basename(file.label)), `${xml}\n`);
        converted++;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        refused++;
        terminal.stderr.write(problemText(error, colors.err, { path: file.label, text: bytes.toString('utf8') }));
      }
    }
    if (converted + refused > 1) session.note(`${converted} converted, ${refused} refused`);
    if (refused > 0) throw new Ended(EXIT.invalid);
  },
};

async function publish(client: import('../../client/index.js').Client, xml: string, print: (text: string) => Promise<void>): Promise<void> {
  for await (const result of client.bulk([xml], { atomic: false, upsert: true })) {
    if (!result.ok) throw new Problem(result.code, { detail: result.detail, violations: result.violations });
    await print(`${result.id} ${result.outcome}\n`);
  }
}

function noticeText(path: string, { line, column, message }: Notice, word: string): string {
  return `${[path, line, column].filter((part) => part !== undefined).join(':')}: ${word}: ${message}`;
}
