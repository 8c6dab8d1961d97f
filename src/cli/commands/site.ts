import { describe, needed } from '../clusters/describe.js';
import type { CommandSpec } from '../command.js';

export const site: CommandSpec = {
  name: 'site',
  summary: 'Describe a site that clusters can be made on',
  description: 'A site is a resource like any other: facetry get, list, discover and remove work on it.',
  arguments: [
    { form: '<ACTION>', about: 'create', choices: ['create'] },
    { form: '<NAME>', about: 'the id of the resource' },
  ],
  options: [
    ['--auth-url <URL>', 'address of its identity service (Keystone)'],
    ['--region <REGION>', 'region to use'],
    ['--title <TEXT>', 'what people call it'],
  ],
  examples: [['facetry site create cnaf --auth-url https://cloud.example.org:5000/v3', 'an OpenStack site']],
  async run(session, [, name], options) {
    const content = {
      name: String(options.title ?? name),
      url: needed(options, 'auth-url', 'authUrl'),
      apiType: 'openstack',
      region: options.region as string | undefined,
    };
    await describe(session, String(name), 'site', content);
  },
};
