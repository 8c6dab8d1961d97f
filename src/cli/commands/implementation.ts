import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { describe, needed, texts } from '../clusters/describe.js';
import { DESCRIBED, describedAction, nameOf } from '../clusters/described.js';
import { templateFiles } from '../clusters/template-files.js';
import { type CommandSpec, wholeOption } from '../command.js';
import { UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';

const IMPLEMENTATION = {
  facet: 'implementation',
  columns: { appliance: 'applianceRef', revision: 'rev', supersedes: 'supersedes', sites: 'siteRef', files: 'files.file.name' },
};

export const implementation: CommandSpec = {
  name: 'implementation',
  summary: 'Upload the Heat template that makes an appliance',
  description:
    'Files that the template draws on (get_file, types that are templates) are uploaded with it, from its folder and those below. A later revision is a resource of its own, which --supersedes the former.',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['create', ...DESCRIBED] },
    { form: '[NAME]', about: 'the id of the resource' },
  ],
  options: [
    ['--appliance <ID>', 'the appliance that it makes'],
    ['--template <FILE>', 'Heat template, - for standard input'],
    ['--site <ID>', 'a site it works on (repeatable; default: any)', { repeatable: true }],
    ['--secret-output <NAME>', 'an output whose value goes into the vault (repeatable)', { repeatable: true }],
    ['--image <NAME>', 'an image the site must hold (repeatable)', { repeatable: true }],
    ['--revision <N>', 'revision, from 1'],
    ['--supersedes <ID>', 'the implementation it replaces'],
  ],
  examples: [
    ['facetry implementation create notebook-heat --appliance notebook --template notebook.yaml', 'from a file'],
    [
      'facetry implementation create notebook-heat-2 --appliance notebook --template notebook.yaml --supersedes notebook-heat',
      'its next revision',
    ],
  ],
  async run(session, [action, given], options) {
    if (await describedAction(session, action, given, IMPLEMENTATION)) return;
    const name = nameOf(given);
    const [file] = inputFiles([needed(options, 'template')], session.terminal);
    if (file === undefined) throw new UsageError('--template is missing');
    // as text: read as YAML and written again its version would become a date
    const template = (await readInput(file, session.terminal)).toString('utf8');
    const files = templateFiles(template, file.label, file.path === undefined ? session.terminal.cwd : dirname(file.path));
    const [secrets, images] = [texts(options.secretOutput), texts(options.image)];
    const revision = wholeOption(options, 'revision', 1) ?? 1;
    await describe(session, name, 'implementation', {
      applianceRef: needed(options, 'appliance'),
      siteRef: texts(options.site),
      format: 'HOT',
      version: String(revision),
      rev: String(revision),
      supersedes: options.supersedes as string | undefined,
      secretOutputs: secrets.length > 0 ? { name: secrets } : undefined,
      images: images.length > 0 ? { image: images.map((image) => ({ name: image })) } : undefined,
      template,
      files:
        Object.keys(files).length > 0 ? { file: Object.entries(files).map(([title, content]) => ({ name: title, content })) } : undefined,
      digest: `sha256:${createHash('sha256').update(template).digest('hex')}`,
    });
  },
};
