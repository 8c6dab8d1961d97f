/** `facetry delegate test`: does a delegate keep the contract? */
import { basename, dirname, resolve } from 'node:path';
import { discoverDelegates, testDelegate } from '../../keeper/index.js';
import type { CommandSpec } from '../command.js';
import { wholeOption } from '../command.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';

export const delegate: CommandSpec = {
  name: 'delegate',
  summary: 'Test a delegate: run it as a keeper would, and hold what it gives against what it declares',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['test'] },
    { form: '<PATH>', about: 'the file of the delegate' },
  ],
  options: [
    ['--with <JSON>', 'its configuration'],
    ['--resource <ID>', 'the id of the resource it is asked about'],
    ['--seconds <N>', 'how long a run may take (default: 10)'],
  ],
  examples: [
    ['facetry delegate test ./gpu.sh', 'does it keep the contract?'],
    [`facetry delegate test ./host.mjs --with '{"volatile":true}'`, 'with a configuration'],
  ],
  async run(session, [, path], options) {
    const form = outputOf(session, ['table', 'json', 'yaml']);
    const file = resolve(session.terminal.cwd, String(path));
    const found = await discoverDelegates({ folders: [dirname(file)], packages: [] });
    const one = found.delegates.find((each) => each.path === file);
    if (one === undefined) {
      const why =
        found.refused.find((each) => each.path === file)?.why ??
        'there is no delegate there: it is neither a module, nor *.xml, nor executable';
      throw new UsageError(`${basename(file)}: ${why}`);
    }
    const { checks, facets } = await testDelegate(
      one,
      {
        config: configOf(options.with),
        resource: String(options.resource ?? 'test'),
        timeoutMs: 1000 * (wholeOption(options, 'seconds', 1) ?? 10),
      },
      (text) => session.note(`${one.name}: ${text}`),
    );
    if (form !== 'table') await session.print(structured(form, { delegate: one, checks, facets }));
    else {
      const { out } = session.colors;
      for (const { what, ok, note } of checks)
        await session.print(`${ok ? out.green('ok') : out.red('not ok')} ${what}${note === undefined ? '' : `: ${note}`}\n`);
      for (const facet of facets) await session.print(`\n${facet}\n`);
    }
    if (checks.some(({ ok }) => !ok)) throw new Ended(EXIT.invalid);
  },
};

function configOf(text: unknown): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch {
    // said below
  }
  throw new UsageError('--with must be a JSON object such as {"volatile":true}');
}
