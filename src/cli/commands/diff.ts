import { planOf } from '../apply/plan.js';
import type { CommandSpec } from '../command.js';
import { Ended, EXIT } from '../exit-code.js';
import { coloredDiff } from '../output/diff.js';

export const diff: CommandSpec = {
  name: 'diff',
  summary: 'Compare files with what the directory holds',
  description: 'Compares canonical forms, so layout does not matter. Exit code 0: the same; 1: they differ; more: an error.',
  arguments: [{ form: '<PATH...>', about: 'files, patterns, folders, or - for standard input' }],
  examples: [
    ['facetry diff node-7.xml', 'what would publishing it change?'],
    ['facetry diff resources/ && echo in step', 'in scripts'],
  ],
  async run(session, [paths]) {
    const { documents, refused } = await planOf(session, paths as readonly string[], { signal: session.terminal.interrupted });
    for (const { id, outcome, diff: text } of documents) {
      if (outcome === 'unchanged') continue;
      await session.print(
        `${session.colors.out.bold(outcome === 'created' ? `${id} (new)` : id)}\n${coloredDiff(text, session.colors.out)}`,
      );
    }
    if (refused > 0) throw new Ended(EXIT.invalid);
    if (documents.some(({ outcome }) => outcome !== 'unchanged')) throw new Ended(1);
  },
};
