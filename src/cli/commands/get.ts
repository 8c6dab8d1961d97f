import { type Resource, readResource } from '../../client/index.js';
import { nameKey, Problem } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';

export const get: CommandSpec = {
  name: 'get',
  summary: 'Print a resource',
  description: 'As XML: the canonical document. As JSON or YAML: its parts, facets as objects. -o value prints its entity tag.',
  arguments: [{ form: '<ID>', about: 'the id of the resource' }],
  examples: [
    ['facetry get node-7', 'the document'],
    ['facetry get node-7 -o yaml', 'its facets, to read'],
    ['facetry publish changed.xml --id node-7 --if-match "$(facetry get node-7 -o value)"', 'change it only if nobody else has'],
  ],
  async run(session, [id]) {
    const form = outputOf(session, ['xml', 'json', 'yaml', 'name', 'value']);
    const resource = await session.client.get(id as string, { signal: session.terminal.interrupted });
    if (resource === undefined)
      throw new Problem('not-found', { detail: `there is no resource "${String(id)}"`, hint: 'facetry list shows which there are' });
    if (form === 'xml') await session.print(`${resource.xml}\n`);
    else if (form === 'name') await session.print(`${resource.id}\n`);
    else if (form === 'value') await session.print(`${resource.etag}\n`);
    else await session.print(structured(form, asData(resource)));
  },
};

function asData({ id, etag, modified, xml }: Resource) {
  const { name, description, scopes, facets } = readResource(xml);
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    scopes,
    facets: Object.fromEntries(facets.map((facet) => [nameKey(facet.name), facet.value])),
    etag,
    modified: modified.toISOString(),
  };
}
