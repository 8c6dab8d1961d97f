import type { CommandSpec } from '../command.js';
import { printPublished } from '../output/published.js';
import { outputOf } from '../output-form.js';
import { writeOptionsOf } from '../write-options.js';

export const scope: CommandSpec = {
  name: 'scope',
  summary: 'Put a resource into scopes, or take it out of them',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['add', 'remove'] },
    { form: '<ID>', about: 'the id of the resource' },
    { form: '<SCOPE...>', about: 'scopes like /gcube/devsec' },
  ],
  options: [
    ['--if-match <ETAG>', 'only if the resource still has this entity tag'],
    ['--dry-run', 'check everything, store nothing, show what would change'],
  ],
  examples: [
    ['facetry scope add node-7 /gcube/devsec', 'clients there see it from now on'],
    ['facetry scope remove node-7 /gcube/old', 'not from its last scope: remove the resource instead'],
  ],
  async run(session, [action, id, scopes], options) {
    const { client, terminal } = session;
    const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
    const write = writeOptionsOf(options, terminal);
    for (const name of scopes as readonly string[]) {
      const done = await (action === 'add' ? client.addScope(String(id), name, write) : client.removeScope(String(id), name, write));
      await printPublished(session, form, `${name} of ${String(id)}`, done, write.dryRun === true);
    }
  },
};
