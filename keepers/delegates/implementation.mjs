/**
 * How appliances in a folder are made on a site: facet {urn:facetry:implementation}implementation, from a Heat template (HOT) and
 * what is said of it:
 *
 *     FOLDER/notebook/implementation.yaml
 *         template: stack.hot.yaml          beside it; it is published as it is, with its digest
 *         version: '1.2'                    and revision: a later one is a resource of its own
 *         revision: 3
 *         supersedes: notebook-heat-2
 *         sites: [my-site]                  none: any
 *         secretOutputs: [admin_password]   whose values go to the vault of whoever makes it, never into the directory
 *         images: [debian-12]               that a site must hold
 *
 * Parameters are those of the template. `for-each` lists a row per folder: id, revision, file, appliance.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';

const text = { type: 'string', minLength: 1 };
/** types of parameters in a HOT → those of the facet */
const TYPES = { string: 'string', number: 'number', boolean: 'boolean', comma_delimited_list: 'list', json: 'json' };

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'implementation',
  version: '1.0.0',
  provides: ['Q{urn:facetry:implementation}implementation'],
  config: { type: 'object', properties: { folder: text, file: text, applianceRef: text }, additionalProperties: false },
  async collect({ config: { file, applianceRef } }) {
    if (file === undefined || applianceRef === undefined)
      throw new Error('config.file must name its implementation.yaml, config.applianceRef the appliance');
    const said = await read(file);
    if (typeof said.template !== 'string') throw new Error(`${file}: "template" must name the Heat template`);
    // Only what lies beside it: a description from elsewhere must not publish any file of the node.
    if (basename(said.template) !== said.template) throw new Error(`${file}: "template" must be a file beside it, not ${said.template}`);
    const template = await readFile(join(dirname(file), said.template), 'utf8');
    const parameters = parametersOf(template, said.template);
    return {
      applianceRef,
      siteRef: said.sites ?? [],
      format: 'HOT',
      version: String(said.version ?? said.revision ?? 1),
      rev: String(said.revision ?? 1),
      supersedes: said.supersedes,
      parameters: parameters.length === 0 ? undefined : { parameter: parameters },
      secretOutputs: said.secretOutputs === undefined ? undefined : { name: said.secretOutputs },
      images: said.images === undefined ? undefined : { image: said.images.map((name) => ({ name })) },
      template,
      digest: `sha256:${createHash('sha256').update(template).digest('hex')}`,
    };
  },
  async list({ config: { folder } }) {
    if (folder === undefined) throw new Error('config.folder must name the folder of appliances');
    const rows = [];
    for (const { name: appliance } of (await readdir(folder, { withFileTypes: true })).filter((one) => one.isDirectory())) {
      const file = join(folder, appliance, 'implementation.yaml');
      const found = await read(file).catch((error) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (found !== undefined)
        rows.push({ id: `${appliance}-heat-${found.revision ?? 1}`, revision: Number(found.revision ?? 1), file, appliance });
    }
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  },
};

function parametersOf(template, name) {
  let read;
  try {
    read = parse(template);
  } catch (error) {
    throw new Error(`${name} is no YAML: ${error.message.split('\n')[0]}`);
  }
  if (read?.heat_template_version === undefined) throw new Error(`${name} is no Heat template: it has no heat_template_version`);
  return Object.entries(read.parameters ?? {}).map(([own, one]) => ({
    name: own,
    type: TYPES[one?.type] ?? 'string',
    description: one?.description,
    // A hidden value is a secret, also when it is a default.
    default:
      one?.default === undefined || one.hidden === true
        ? undefined
        : typeof one.default === 'object'
          ? JSON.stringify(one.default)
          : one.default,
    hidden: one?.hidden === true ? true : undefined,
  }));
}

async function read(file) {
  return parse(await readFile(file, 'utf8')) ?? {};
}
