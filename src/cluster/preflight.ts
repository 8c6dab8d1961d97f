/** What would go wrong, all of it, before anything is made. */
import { randomUUID } from 'node:crypto';
import type { Client } from '../client/index.js';
import { type AcquireRequest, wishOf } from './acquire.js';
import { glanceOf, heatOf, openCloud } from './openstack/index.js';
import type { Vault } from './vault/index.js';

export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const PROBE = 'heat_template_version: 2016-10-14\nresources: {}\n';

export async function preflight(client: Client, vault: Vault, request: AcquireRequest): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  /** Undefined when it failed. */
  async function find<T>(
    what: string,
    look: () => Promise<T>,
    said: (result: T) => string | { readonly wrong: string },
  ): Promise<T | undefined> {
    try {
      const result = await look();
      const words = said(result);
      findings.push(typeof words === 'string' ? { what, ok: true, detail: words } : { what, ok: false, detail: words.wrong });
      return result;
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string };
      findings.push({ what, ok: false, detail: hint === undefined ? message : `${message} (${hint})` });
      return undefined;
    }
  }

  const wish = await find(
    'request',
    () => wishOf(client, vault, request),
    () => 'the implementation, the credential and the parameters go together, and the secret can be opened',
  );
  if (wish === undefined) return findings;
  const { blueprint, credential, open, secret } = wish;
  const cloud = openCloud(credential.login);
  const heat = heatOf(cloud);
  await find(
    'reachable',
    () => cloud.version(),
    (version) => `Keystone ${version} answers`,
  );
  const services = await find(
    'authorised',
    () => cloud.services(),
    (all) =>
      all.includes('orchestration')
        ? `the catalog has ${all.join(', ')}`
        : { wrong: `no orchestration in the catalog (${all.join(', ')})` },
  );
  if (services === undefined || !services.includes('orchestration')) return findings;
  await find(
    'resource types',
    () => heat.resourceTypes(),
    (offered) => {
      // files and addresses are types too, which the template brings itself
      const lacking = blueprint.resourceTypes.filter((type) => type.includes('::') && !offered.includes(type));
      return lacking.length === 0
        ? `${blueprint.resourceTypes.length} needed, all offered`
        : { wrong: `the site does not offer ${lacking.join(', ')}` };
    },
  );
  for (const name of blueprint.images)
    await find(
      `image ${name}`,
      () => glanceOf(cloud).find(name),
      (images) =>
        images.some(({ status }) => status === 'active')
          ? 'it is active'
          : { wrong: images.length === 0 ? 'the site does not hold it' : `it is ${images[0]?.status}` },
    );
  const parameters = { ...open, ...secret };
  await find(
    'template',
    () => heat.validate(blueprint.template, blueprint.files),
    (known) => {
      const missing = Object.entries(known).filter(([name, one]) => one.Default === undefined && parameters[name] === undefined);
      return missing.length === 0
        ? 'Heat finds it valid'
        : { wrong: `parameters without a value: ${missing.map(([name]) => name).join(', ')}` };
    },
  );
  const name = `facetry-probe-${randomUUID()}`;
  await find(
    'preview',
    () => heat.preview({ name, template: blueprint.template, files: blueprint.files, parameters, tags: ['facetry'] }),
    (made) => `it would make ${made.length} resources`,
  );
  // Heat previews without the trust that it needs to create: only a stack tells.
  const trust = async () =>
    await heat.remove(await heat.create({ name, template: PROBE, parameters: {}, tags: ['facetry', 'facetry-probe'] }));
  await find('trust', trust, () => 'an empty stack was made and deleted');
  return findings;
}
