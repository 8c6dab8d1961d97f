/** `facetry keeper`: what would a keeper publish, and which keepers are there? */
import { type PlannedFacet, type PlannedResource, type Preview, preview } from '../../keeper/index.js';
import { indent } from '../../xml/index.js';
import type { CommandSpec } from '../command.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { listKeepers } from '../keepers/list.js';
import { directoryOf, keeperIn, openReader } from '../keepers/open.js';
import { coloredDiff } from '../output/diff.js';
import { progressBar } from '../output/progress.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

export const keeper: CommandSpec = {
  name: 'keeper',
  summary: 'Plan what a keeper would publish, or list the keepers there are',
  description:
    'plan asks every delegate once and publishes nothing: 5 when one failed or something is left out, 0 otherwise.\nlist tells what keepers say of themselves in the directory.',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['plan', 'list'] },
    { form: '[FILE]', about: 'the keeper, YAML' },
  ],
  examples: [
    ['facetry keeper plan keepers/node.yaml', 'the documents, where each facet comes from, the difference to the directory'],
    ['facetry keeper plan keepers/node.yaml -o xml', 'the documents alone'],
    ['facetry keeper plan keepers/node.yaml -o json', 'for programs'],
    ['facetry keeper list', 'keepers, and which of their delegates fail'],
  ],
  async run(session, [action, path]) {
    if (action === 'list') return await listKeepers(session);
    if (path === undefined) throw new UsageError('which keeper?', 'facetry keeper plan FILE');
    const form = outputOf(session, ['table', 'xml', 'json', 'yaml', 'name']);
    const config = keeperIn(session, String(path));
    const reader = await openReader();
    const bar = progressBar(session.terminal, 'asking', { quiet: session.settings.quiet, unit: 'resources' });
    let asked = 0;
    try {
      const planned = await preview(
        config,
        directoryOf(session, config),
        reader,
        (delegate, text) => session.note(`${delegate}: ${text.trimEnd()}`),
        () => bar.update(++asked, Math.max(asked, config.resources.length)),
      );
      bar.stop();
      if (form === 'json' || form === 'yaml') await session.print(structured(form, planned));
      else for (const resource of planned.resources) await session.print(textOf(resource, form, session));
      sayRefusals(session, planned);
      const failed = planned.resources.some(({ facets }) => facets.some(({ run }) => run.status !== 'ok'));
      if (failed || planned.composition.refusals.length > 0) throw new Ended(EXIT.invalid);
    } finally {
      bar.stop();
      await reader.close();
    }
  },
};

function textOf({ id, document, facets, diff, isNew, undecided }: PlannedResource, form: string, session: Session): string {
  if (form === 'name') return `${id}\n`;
  if (form === 'xml') return document === undefined ? '' : `${indent(document)}\n`;
  const { out } = session.colors;
  const lines = [out.bold(`resource ${id}`), ...facets.map((facet) => `  ${facetLine(facet, session)}`)];
  if (document !== undefined) lines.push('', indent(document).trimEnd());
  if (undecided !== undefined) lines.push('', out.yellow(`not compared with the directory: ${undecided}`));
  else if (isNew) lines.push('', out.green('the directory does not have it yet: all of it would be created'));
  else lines.push('', diff === '' || diff === undefined ? out.dim('nothing would change in the directory') : coloredDiff(diff, out).trim());
  return `${lines.join('\n')}\n\n`;
}

function facetLine({ delegate, file, line, run, facets }: PlannedFacet, session: Session): string {
  const { out } = session.colors;
  const who = `${delegate.name}${delegate.version === undefined ? '' : ` ${delegate.version}`}`;
  const how = run.status === 'ok' ? out.green('ok') : out.red(run.status);
  const what = run.error ?? (facets.length === 0 ? 'nothing to say' : facets.join(', '));
  return `${how} ${who} (${delegate.kind}, ${file}:${line}), ${run.ms} ms: ${what}`;
}

function sayRefusals(session: Session, { discovery, composition }: Preview): void {
  const { err } = session.colors;
  for (const { path, why } of discovery.refused) session.say(`${err.yellow('refused')}: ${path}: ${why}`);
  for (const { resource, why, place } of composition.refusals)
    session.say(`${err.red('left out')}: ${place.file}:${place.line}: resource "${resource}": ${why}`);
}
