import { describe, needed } from '../clusters/describe.js';
import { DESCRIBED, describedAction, nameOf } from '../clusters/described.js';
import type { CommandSpec } from '../command.js';

const SITE = { facet: 'site', columns: { name: 'name', url: 'url', region: 'region' } };

export const site: CommandSpec = {
  name: 'site',
  summary: 'Describe a site that clusters can be made on',
  description:
    'A site is a resource like any other: facetry get, discover, patch and facet work on it too. remove: refused while something refers to it.',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['create', ...DESCRIBED] },
    { form: '[NAME]', about: 'the id of the resource' },
  ],
  options: [
    ['--auth-url <URL>', 'address of its identity service (Keystone)'],
    ['--region <REGION>', 'region to use'],
    ['--title <TEXT>', 'what people call it'],
  ],
  examples: [['facetry site create cnaf --auth-url https://cloud.example.org:5000/v3', 'an OpenStack site']],
  async run(session, [action, given], options) {
    if (await describedAction(session, action, given, SITE)) return;
    const name = nameOf(given);
    const content = {
      name: String(options.title ?? name),
      url: needed(options, 'auth-url', 'authUrl'),
      apiType: 'openstack',
      region: options.region as string | undefined,
    };
    await describe(session, name, 'site', content);
  },
};
