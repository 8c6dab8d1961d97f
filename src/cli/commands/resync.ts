/** `facetry resync`: what other tools have done in BaseX becomes commits, or is put aside. */
import { accepting } from '../../client/index.js';
import type { CommandSpec } from '../command.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';

interface Change {
  readonly path: string;
  readonly id?: string;
  readonly outcome: string;
  readonly detail?: string;
}

export const resync: CommandSpec = {
  name: 'resync',
  summary: 'Look for documents that other tools have changed in BaseX',
  description:
    'Changes and additions become commits, deletions removals; what is no valid resource is put aside under facetry/quarantine/. For operators, and where the store is in BaseX. The directory does the same when it starts.',
  options: [],
  examples: [['facetry resync', 'after work in the GUI of BaseX']],
  async run(session) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
    const response = await session.client.request('/resync', {
      method: 'POST',
      headers: { Accept: accepting('application/json') },
      signal: session.terminal.interrupted,
    });
    const { changes } = (await response.json()) as { readonly changes: readonly Change[] };
    if (form === 'json' || form === 'yaml') return await session.print(structured(form, { changes }));
    if (form === 'name') return await session.print(changes.map(({ id, path }) => `${id ?? path}\n`).join(''));
    if (changes.length === 0) return session.note('all is as the directory wrote it');
    const rows = changes.map(({ path, id, outcome, detail = '' }) => [outcome, cell(id ?? path), cell(detail)]);
    await session.print(table(['OUTCOME', 'RESOURCE', 'WHY'], rows, session.colors.out, tableWidth(session)));
  },
};
