import { Problem } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';
import { printPublished } from '../output/published.js';
import { outputOf } from '../output-form.js';
import { WRITE_OPTIONS, writeOptionsOf } from '../write-options.js';

export const facet: CommandSpec = {
  name: 'facet',
  summary: 'Read, publish, remove or hand over one facet of a resource',
  description:
    'NAME is prefix:local of a registered interface, or Q{namespace}local. The other facets stay as they are, whoever writes them.',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['get', 'put', 'remove', 'give', 'release'] },
    { form: '<ID>', about: 'the id of the resource' },
    { form: '<NAME>', about: 'the name of the facet' },
    { form: '[FILE]', about: 'put: the facet’s element, - for standard input; give: PRINCIPAL or PRINCIPAL/MANAGER' },
  ],
  options: [['--if-match <ETAG>', 'only if the facet still has this entity tag'], ...WRITE_OPTIONS],
  examples: [
    ['facetry facet get node-7 host:host', 'the facet by itself'],
    ['facetry facet put node-7 host:host host.xml --ttl 60', 'publish it for a minute'],
    ['facetry facet give node-7 host:host keeper-a/host', 'hand it to the keeper'],
  ],
  async run(session, [action, id, name, file], options) {
    const { client, terminal, print } = session;
    const form = outputOf(session, ['xml', 'table', 'json', 'yaml', 'name', 'value']);
    const [resource, facetName] = [String(id), String(name)];
    const write = writeOptionsOf(options, terminal);
    const label = `${facetName} of ${resource}`;
    if (file !== undefined && action !== 'put' && action !== 'give') throw new UsageError(`facet ${String(action)} takes no file`);
    switch (action) {
      case 'get': {
        const found = await client.facet(resource, facetName, { signal: terminal.interrupted });
        if (found === undefined) throw missing(label);
        return await print(form === 'value' ? `${found.etag}\n` : `${found.xml}\n`);
      }
      case 'put': {
        const [input] = inputFiles([file === undefined ? '-' : String(file)], terminal);
        if (input === undefined) throw new UsageError('facet put needs a file, or - for standard input');
        const body = new Uint8Array(await readInput(input, terminal));
        return await printPublished(session, form, label, await client.putFacet(resource, facetName, body, write), write.dryRun === true);
      }
      case 'remove':
        if (!(await client.removeFacet(resource, facetName, write))) throw missing(label);
        return await print(`${label} ${write.dryRun === true ? 'would be removed' : 'removed'}\n`);
      case 'give': {
        if (file === undefined) throw new UsageError('facet give needs the new owner', 'write PRINCIPAL, or PRINCIPAL/MANAGER');
        const [principal = '', ...manager] = String(file).split('/');
        await client.giveFacet(resource, facetName, { principal, manager: manager.join('/') }, write);
        return await print(`${label} belongs to ${String(file)} now\n`);
      }
      default:
        await client.giveFacet(resource, facetName, undefined, write);
        return await print(`${label} belongs to nobody in particular now\n`);
    }
  },
};

function missing(label: string): Problem {
  return new Problem('not-found', { detail: `there is no facet ${label}`, hint: 'facetry get ID -o yaml shows the facets of a resource' });
}
