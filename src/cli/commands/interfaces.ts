import { Problem } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';

export const interfaces: CommandSpec = {
  name: 'interfaces',
  summary: 'List the registered facet interfaces, or print the schema of one',
  arguments: [{ form: '[PREFIX_OR_NAMESPACE]', about: 'print the XML Schema of this one' }],
  examples: [
    ['facetry interfaces', 'prefixes, namespaces and elements'],
    ['facetry interfaces host > host.xsd', 'one schema'],
  ],
  async run(session, [wanted]) {
    const { client, terminal, print } = session;
    const signal = terminal.interrupted;
    const all = await client.interfaces({ signal });
    if (wanted !== undefined) {
      const found = all.find(({ ns, prefix }) => ns === wanted || prefix === wanted);
      const schema = found && (await client.schema(found.ns, { signal }));
      if (schema === undefined) {
        throw new Problem('not-found', {
          detail: `there is no interface "${String(wanted)}"`,
          hint: `there are: ${all.map(({ prefix }) => prefix).join(', ') || 'none'}`,
        });
      }
      return await print(schema.endsWith('\n') ? schema : `${schema}\n`);
    }
    const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
    if (form === 'json' || form === 'yaml') await print(structured(form, { items: all }));
    else if (form === 'table') {
      const rows = all.map(({ prefix, ns, elements, documentation }) => [prefix, ns, elements.join(','), cell(documentation ?? '')]);
      await print(table(['PREFIX', 'NAMESPACE', 'ELEMENTS', 'DOCUMENTATION'], rows, session.colors.out, tableWidth(session)));
    } else for (const { ns } of all) await print(`${ns}\n`);
  },
};
