import { planOf, surplus } from '../apply/plan.js';
import type { CommandSpec } from '../command.js';
import { confirm } from '../confirm.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { coloredDiff } from '../output/diff.js';
import { headline } from '../output/report.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import { WRITE_OPTIONS, writeOptionsOf } from '../write-options.js';

const WORDS = { created: 'created', replaced: 'configured', unchanged: 'unchanged' } as const;

export const apply: CommandSpec = {
  name: 'apply',
  summary: 'Make the directory equal to files',
  description:
    'Every document must have its id. Nothing is stored when the directory refuses one of them. --prune removes, after asking, the resources that no file has, in the scopes that the files name.',
  options: [
    ['-f, --file <PATH>', 'a file, a pattern, a folder with *.xml in it, or - (repeatable)', { repeatable: true }],
    ['--prune', 'remove what the files do not have'],
    ['-y, --yes', 'prune without asking'],
    ['--detailed-exitcode', '0: nothing changed, 2: something did'],
    ...WRITE_OPTIONS,
  ],
  examples: [
    ['facetry apply -f resources/ --dry-run', 'show the plan'],
    ['facetry apply -f resources/', 'carry it out'],
    ['facetry apply -f resources/ --prune --yes', 'and remove what is not there'],
  ],
  async run(session, _args, options) {
    const { client, terminal, print, note, colors } = session;
    const form = outputOf(session, ['table', 'json', 'yaml']);
    const paths = (options.file ?? []) as readonly string[];
    if (paths.length === 0) throw new UsageError('apply needs files', 'facetry apply -f FOLDER');
    const { dryRun = false, ...write } = writeOptionsOf(options, terminal);
    const plan = await planOf(session, paths, write);
    if (plan.refused > 0) {
      terminal.stderr.write(headline(`${plan.refused} documents were refused; nothing was stored`, colors.err));
      throw new Ended(EXIT.invalid);
    }
    const going = options.prune === true ? await surplus(session, plan) : [];
    const changed = plan.documents.filter(({ outcome }) => outcome !== 'unchanged');

    if (
      !dryRun &&
      going.length > 0 &&
      options.yes !== true &&
      !(await confirm(`Remove ${going.length} resources (${going.slice(0, 5).join(', ')}${going.length > 5 ? ', …' : ''})?`, terminal))
    ) {
      note('nothing was stored or removed');
      throw new Ended(EXIT.failure);
    }
    if (form === 'table') {
      for (const { id, outcome, diff } of plan.documents) {
        if (dryRun && diff !== '') await print(coloredDiff(diff, colors.out));
        await print(`${id} ${dryRun && outcome !== 'unchanged' ? `would be ${WORDS[outcome]}` : WORDS[outcome]}\n`);
      }
    }
    if (!dryRun && changed.length > 0) {
      const texts = changed.map(({ document }) => document.text);
      for await (const result of client.bulk(texts, { ...write, atomic: true, upsert: true })) {
        if (!result.ok) throw new Error(`document ${result.index} of an atomic request was refused by itself`);
      }
    }
    for (const id of going) {
      if (!dryRun) await client.remove(id, write);
      if (form === 'table') await print(`${id} ${dryRun ? 'would be removed' : 'removed'}\n`);
    }
    if (form !== 'table') {
      const items = plan.documents.map(({ id, outcome, diff }) => ({ id, outcome: WORDS[outcome], diff }));
      await print(structured(form, { dryRun, items: [...items, ...going.map((id) => ({ id, outcome: 'removed', diff: '' }))] }));
    }
    const count = (outcome: string) => plan.documents.filter((one) => one.outcome === outcome).length;
    note(
      `${count('created')} created, ${count('replaced')} configured, ${count('unchanged')} unchanged, ${going.length} removed${dryRun ? ' (dry run: nothing was stored)' : ''}`,
    );
    if (options.detailedExitcode === true && changed.length + going.length > 0) throw new Ended(2);
  },
};
