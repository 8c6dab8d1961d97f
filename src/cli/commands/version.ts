import type { CommandSpec } from '../command.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import { packageVersion } from '../version.js';

export const version: CommandSpec = {
  name: 'version',
  summary: 'Print the versions of facetry and of what it runs on',
  examples: [['facetry version -o json', 'for a program']],
  async run(session) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'value']);
    const facts = { facetry: packageVersion(), node: process.versions.node, platform: `${process.platform} ${process.arch}` };
    if (form === 'json' || form === 'yaml') await session.print(structured(form, facts));
    else if (form === 'value') await session.print(`${facts.facetry}\n`);
    else for (const [name, value] of Object.entries(facts)) await session.print(`${name} ${value}\n`);
  },
};
