import type { CommandSpec } from '../command.js';
import { UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';
import { printPublished } from '../output/published.js';
import { outputOf } from '../output-form.js';
import { WRITE_OPTIONS, writeOptionsOf } from '../write-options.js';

export const patch: CommandSpec = {
  name: 'patch',
  summary: 'Change a resource by an XML patch (RFC 5261)',
  description: 'All operations of the patch are done, or none. sel is XPath over the document of the resource.',
  arguments: [
    { form: '<ID>', about: 'the id of the resource' },
    { form: '<FILE>', about: 'the patch, - for standard input' },
  ],
  options: [['--if-match <ETAG>', 'only if the resource still has this entity tag'], ...WRITE_OPTIONS],
  examples: [
    ['facetry patch node-7 more-cpu.xml --dry-run', 'show what it would change'],
    [`echo '<diff xmlns:h="urn:facetry:host"><replace sel="//h:cores/text()">8</replace></diff>' | facetry patch node-7 -`, 'at once'],
  ],
  async run(session, [id, file], options) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
    const [input] = inputFiles([String(file)], session.terminal);
    if (input === undefined) throw new UsageError('patch needs a file, or - for standard input');
    const body = new Uint8Array(await readInput(input, session.terminal));
    const write = writeOptionsOf(options, session.terminal);
    await printPublished(session, form, String(id), await session.client.patch(String(id), body, write), write.dryRun === true);
  },
};
