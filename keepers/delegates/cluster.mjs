/**
 * Clusters that others made: each stack of a site that carries a tag becomes a resource with the facet {urn:facetry:cluster}cluster
 * (`for-each`), outputs included. It is described, not kept: nothing here is ever changed or freed.
 *
 * Heat masks no output: those whose name looks like a secret are left out, as are those named in `secretOutputs`.
 */
import { LOGIN, openSite } from '../openstack/site.mjs';

const SECRET = /passw|secret|token|credential|private|(?:^|[_-])key(?:$|[_-])/i;
/** Stacks that facetry makes are described by what keeps them. */
const OWN = 'facetry';
const USABLE = /^(?:CREATE|UPDATE|CHECK|RESUME|ADOPT|SNAPSHOT|RESTORE)_COMPLETE$/;
const UNDERWAY = { CREATE: 'creating', ADOPT: 'creating', UPDATE: 'updating', CHECK: 'checking', DELETE: 'releasing' };

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'cluster',
  version: '1.0.0',
  provides: ['Q{urn:facetry:cluster}cluster'],
  config: {
    type: 'object',
    properties: {
      ...LOGIN,
      tag: { type: 'string', description: 'stacks with this tag are meant' },
      stack: { type: 'string', description: 'without for-each: the id or name of the one that is meant' },
      siteRef: { type: 'string', description: 'id of the resource that describes the site' },
      implementationRef: { type: 'string', description: 'id of the implementation that the stacks are taken to be of' },
      applianceRef: { type: 'string' },
      owner: { type: 'string' },
      secretOutputs: { type: 'array', items: { type: 'string' }, description: 'further outputs that are left out' },
    },
    required: ['authUrl', 'siteRef', 'implementationRef'],
    additionalProperties: false,
  },

  async list({ config, signal }) {
    const found = await stacksOf(await openSite(config, signal), config);
    return found.map(({ id, stack_name: name }) => ({ stack: id, name }));
  },

  async collect({ config, row, signal }) {
    const site = await openSite(config, signal);
    const which = row?.stack ?? config.stack ?? (await onlyOne(site, config));
    const found = await stackOf(site, which);
    return found && facetOf(found, config);
  },
};

async function stacksOf(site, { tag }) {
  if (tag === undefined) throw new Error('the configuration names no tag: which stacks are meant?');
  const found = [];
  for (let marker = ''; ; ) {
    const query = new URLSearchParams({ tags: tag, limit: '100', ...(marker === '' ? {} : { marker }) });
    const { stacks } = await site.get('orchestration', `/stacks?${query}`);
    found.push(...stacks.filter((one) => one.stack_status !== 'DELETE_COMPLETE' && !one.tags?.includes(OWN)));
    if (stacks.length < 100) return found;
    marker = stacks.at(-1).id;
  }
}

async function onlyOne(site, config) {
  const found = await stacksOf(site, config);
  if (found.length === 1) return found[0].id;
  throw new Error(`${found.length} stacks have the tag ${config.tag}: say which with stack, or use for-each`);
}

/** By id or name Heat redirects to the address with both, which `fetch` must not follow: the list tells both. */
async function stackOf(site, which) {
  const { stacks } = await site.get('orchestration', `/stacks?${new URLSearchParams({ id: which })}`);
  const named = stacks.length > 0 ? stacks : (await site.get('orchestration', `/stacks?${new URLSearchParams({ name: which })}`)).stacks;
  const one = named.find(({ stack_status: status }) => status !== 'DELETE_COMPLETE');
  if (one === undefined) return undefined;
  const found = await site.get('orchestration', `/stacks/${encodeURIComponent(one.stack_name)}/${encodeURIComponent(one.id)}`);
  return found?.stack;
}

/** In the order of the schema. */
function facetOf(stack, { siteRef, implementationRef, applianceRef, owner, secretOutputs = [] }) {
  const { stack_name, id, stack_status: said, stack_status_reason: reason, creation_time, updated_time, outputs = [] } = stack;
  const status = statusOf(said);
  const open = outputs.filter(({ output_key: name }) => !SECRET.test(name) && !secretOutputs.includes(name));
  open.sort((a, b) => (a.output_key < b.output_key ? -1 : 1));
  // while it is being made, and after it failed, outputs hold whatever there is
  const shown = status === 'ready' || status === 'checking' ? open : [];
  return {
    implementationRef,
    siteRef,
    applianceRef,
    owner,
    status,
    reason: status === 'ready' ? undefined : `${said}: ${reason}`,
    stackName: stack_name,
    stackId: id,
    createdAt: timeOf(creation_time),
    updatedAt: timeOf(updated_time ?? creation_time),
    outputs:
      shown.length === 0
        ? undefined
        : { output: shown.map(({ output_key: name, output_value: value }) => ({ name, type: typeOf(value), ...contentOf(value) })) },
  };
}

function statusOf(said) {
  if (USABLE.test(said)) return 'ready';
  const [action] = said.split('_');
  if (said.endsWith('_IN_PROGRESS')) return UNDERWAY[action] ?? 'updating';
  return action === 'DELETE' ? 'free-failed' : 'failed';
}

/** Heat tells UTC, with or without saying so. */
function timeOf(text) {
  return text ? new Date(/Z$/.test(text) ? text : `${text}Z`) : undefined;
}

function typeOf(value) {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object' && value !== null) return 'map';
  return typeof value === 'number' || typeof value === 'boolean' ? typeof value : 'string';
}

function contentOf(value) {
  if (Array.isArray(value)) return { list: { item: value.map(contentOf) } };
  if (typeof value === 'object' && value !== null)
    return { map: { entry: Object.entries(value).map(([key, inner]) => ({ key, ...contentOf(inner) })) } };
  return { value: value ?? '' };
}
