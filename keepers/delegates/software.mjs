/**
 * Software on the node: facet {urn:facetry:software}software, from the package managers that are there (dpkg, npm), as the
 * configuration chooses:
 *
 *     { name: python, dpkg: ['python3', 'python3-*'] }           one resource, with the packages of these names
 *     for-each: { delegate: software, config: { dpkg: ['*'] } }   one resource per package: name, version, architecture, manager
 *
 * `npm` names a folder whose node_modules is looked into: { npm: /srv/app }.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const text = { type: 'string', minLength: 1 };

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'software',
  version: '1.0.0',
  provides: ['Q{urn:facetry:software}software'],
  config: {
    type: 'object',
    properties: {
      name: text,
      version: text,
      group: text,
      license: text,
      url: text,
      hostRef: text,
      dpkg: { type: 'array', items: text },
      npm: text,
      packages: { type: 'array', items: text },
    },
    additionalProperties: false,
  },
  async collect({ config, signal }) {
    const packages = await installed(config, signal);
    if (packages.length === 0) return undefined;
    const name = config.name ?? packages[0].name;
    return {
      name,
      version:
        config.version ?? packages.find((one) => one.name === name)?.version ?? (packages.length === 1 ? packages[0].version : undefined),
      group: config.group,
      packaging: config.npm === undefined ? 'deb' : 'npm',
      license: config.license,
      url: config.url,
      hostRef: config.hostRef,
      packages: { package: packages },
    };
  },
  list: ({ config, signal }) => installed(config, signal),
};

async function installed({ dpkg = [], npm, packages = ['*'] }, signal) {
  const found = [...(dpkg.length === 0 ? [] : await ofDpkg(dpkg, signal)), ...(npm === undefined ? [] : await ofNpm(npm, packages))];
  return found.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** dpkg-query(1): names that match patterns, those that are installed. */
async function ofDpkg(patterns, signal) {
  const format = ['db:Status-Status', 'Package', 'Version', 'Architecture'].map((field) => `\${${field}}`).join('\t');
  // It ends with 1 when one of the patterns matches nothing, and tells the others all the same.
  const { stdout } = await run('dpkg-query', ['-W', '-f', `${format}\n`, ...patterns], { signal, maxBuffer: 64 * 2 ** 20 }).catch(
    (error) => {
      if (error.code === 1) return error;
      throw error;
    },
  );
  return stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([status]) => status === 'installed')
    .map(([, name, version, architecture]) => ({ name, version, manager: 'dpkg', architecture }));
}

async function ofNpm(folder, patterns) {
  const wanted = patterns.map((pattern) => new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`));
  const modules = join(folder, 'node_modules');
  const names = (await readdir(modules)).filter((name) => !name.startsWith('.'));
  const all = await Promise.all(
    names.map(async (name) => (name.startsWith('@') ? (await readdir(join(modules, name))).map((one) => `${name}/${one}`) : [name])),
  );
  const found = await Promise.all(
    all
      .flat()
      .filter((name) => wanted.some((pattern) => pattern.test(name)))
      .map(async (name) => {
        try {
          const { version } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8'));
          return version === undefined ? [] : [{ name, version, manager: 'npm' }];
        } catch {
          // Not a package, or half installed.
          return [];
        }
      }),
  );
  return found.flat();
}
