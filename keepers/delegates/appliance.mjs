/**
 * Appliances that stand in a folder, one folder each: facet {urn:facetry:appliance}appliance.
 *
 *     FOLDER/notebook/appliance.yaml         name, version, category, vendor, license, keywords, parameters, outputs, requires
 *     FOLDER/notebook/implementation.yaml    how it is made: see the delegate `implementation`
 *
 *     for-each: { delegate: appliance, config: { folder: '${path:./appliances}' } }      a row per folder: id, file, name, description
 *     facets: [{ delegate: appliance, config: { file: '${row:file}' } }]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const text = { type: 'string', minLength: 1 };

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'appliance',
  version: '1.0.0',
  provides: ['Q{urn:facetry:appliance}appliance'],
  config: { type: 'object', properties: { folder: text, file: text }, additionalProperties: false },
  async collect({ config: { file } }) {
    if (file === undefined) throw new Error('config.file must name its appliance.yaml');
    const { name, version, category, vendor, license, documentation, keywords, parameters, outputs, requires } = await read(file);
    if (typeof name !== 'string') throw new Error(`${file}: "name" is required`);
    return {
      name,
      version,
      category,
      vendor,
      license,
      documentation,
      keywords: listOf(keywords, (one) => one, 'keyword'),
      parameters: listOf(
        parameters,
        ({ name: own, type, description, default: value, hidden }) => ({ name: own, type, description, default: value, hidden }),
        'parameter',
      ),
      outputs: listOf(
        outputs,
        (one) => (typeof one === 'string' ? { name: one } : { name: one.name, description: one.description }),
        'output',
      ),
      requires: listOf(requires, (one) => one, 'softwareRef'),
    };
  },
  async list({ config: { folder } }) {
    if (folder === undefined) throw new Error('config.folder must name the folder of appliances');
    const rows = [];
    for (const { name: id } of (await readdir(folder, { withFileTypes: true })).filter((one) => one.isDirectory())) {
      const file = join(folder, id, 'appliance.yaml');
      const found = await read(file).catch((error) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (found !== undefined) rows.push({ id, file, name: found.name ?? id, description: found.description ?? `The appliance ${id}` });
    }
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  },
};

async function read(file) {
  return parse(await readFile(file, 'utf8')) ?? {};
}

function listOf(list, each, element) {
  return list === undefined || list === null || list.length === 0 ? undefined : { [element]: list.map(each) };
}
