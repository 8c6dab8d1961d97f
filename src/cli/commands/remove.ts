import type { CommandSpec } from '../command.js';
import { confirm } from '../confirm.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { headline } from '../output/report.js';
import { writeOptionsOf } from '../write-options.js';

export const remove: CommandSpec = {
  name: 'remove',
  summary: 'Remove resources; asks first',
  arguments: [{ form: '<ID...>', about: 'ids of the resources' }],
  options: [
    ['-y, --yes', 'do not ask'],
    ['--if-match <ETAG>', 'only if the resource still has this entity tag'],
    ['--manager <NAME>', 'the program that removes: facets of others keep a resource'],
    ['--force', 'overrule the owners of facets (admins)'],
    ['--dry-run', 'check everything, remove nothing'],
  ],
  examples: [
    ['facetry remove node-7', 'asks, then removes it'],
    ['facetry discover \'/r:resource[r:scope = "/old"]\' -o name | xargs facetry remove --yes', 'all of a scope'],
  ],
  async run({ client, terminal, print, note, colors }, [given], options) {
    const ids = given as readonly string[];
    const dryRun = options.dryRun === true;
    if (options.ifMatch !== undefined && ids.length > 1) throw new UsageError('--if-match is for one resource');
    const what = ids.length === 1 ? `resource "${ids[0]}"` : `${ids.length} resources`;
    if (options.yes !== true && !dryRun && !(await confirm(`Remove ${what}?`, terminal))) {
      note('nothing was removed');
      throw new Ended(EXIT.failure);
    }
    let missing = false;
    for (const id of ids) {
      const there = await client.remove(id, writeOptionsOf(options, terminal));
      if (there) await print(`${id} ${dryRun ? 'would be removed' : 'removed'}\n`);
      else terminal.stderr.write(headline(`there is no resource "${id}"`, colors.err));
      missing ||= !there;
    }
    if (missing) throw new Ended(EXIT.notFound);
  },
};
