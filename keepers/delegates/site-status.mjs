/**
 * How an OpenStack site answers: facet {urn:facetry:siteStatus}siteStatus. Asks Keystone for its version; with a way in (user and
 * password file, or application credential) also for its catalog, whose services are asked for theirs. Nothing is changed there.
 *
 *     config: { siteRef: my-site, authUrl: 'https://cloud.example.org:5000/v3', username: u, project: p, passwordFile: /etc/… }
 *
 * A probe that finds what the last one found says so again, with the time and the seconds of that one, until it is `refresh` seconds
 * old (3600): otherwise each probe would be a change in the directory. That the keeper goes on probing is told by the facet's lease.
 */
import { LOGIN, openSite } from '../openstack/site.mjs';

const before = new Map();

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'site-status',
  version: '1.0.0',
  provides: ['Q{urn:facetry:siteStatus}siteStatus'],
  config: {
    type: 'object',
    properties: { ...LOGIN, siteRef: { type: 'string', minLength: 1 }, refresh: { type: 'number', minimum: 0 } },
    required: ['siteRef', 'authUrl'],
    additionalProperties: false,
  },
  async collect({ resource, config, signal }) {
    const checkedAt = new Date();
    const began = performance.now();
    const seen = await probe(config, signal);
    const responseSeconds = Number(((performance.now() - began) / 1000).toFixed(2));
    const last = before.get(resource.id);
    const same = last !== undefined && JSON.stringify(last.seen) === JSON.stringify(seen);
    if (same && checkedAt - last.checkedAt < 1000 * (config.refresh ?? 3600)) return content(config, last);
    const now = { seen, checkedAt, responseSeconds };
    before.set(resource.id, now);
    return content(config, now);
  },
};

function content({ siteRef }, { seen: { reachable, reason, services }, checkedAt, responseSeconds }) {
  return {
    siteRef,
    reachable,
    reason,
    checkedAt,
    responseSeconds: reachable ? responseSeconds : undefined,
    services: services.length === 0 ? undefined : { service: services },
  };
}

async function probe(config, signal) {
  const identity = { kind: 'identity', available: true };
  try {
    identity.version = await versionAt(config.authUrl, signal);
  } catch (error) {
    return { reachable: false, reason: reasonOf(error), services: [] };
  }
  if (config.username === undefined && config.applicationCredentialId === undefined) return { reachable: true, services: [identity] };
  try {
    const site = await openSite(config, signal);
    const others = site.services().filter(({ kind }) => kind !== 'identity');
    const services = [identity, ...(await Promise.all(others.map((one) => statusOf(one, signal))))];
    return { reachable: true, services: services.sort((a, b) => (a.kind < b.kind ? -1 : 1)) };
  } catch (error) {
    return { reachable: true, reason: reasonOf(error), services: [{ ...identity, available: false }] };
  }
}

async function statusOf({ kind, url }, signal) {
  try {
    // The address in a catalog may go on with a project: versions are told at its root.
    return { kind, available: true, version: await versionAt(new URL(url).origin, signal) };
  } catch {
    return { kind, available: false };
  }
}

/** Every OpenStack service tells the versions of its API, some with status 300. Undefined: it answers, and tells none. */
async function versionAt(url, signal) {
  const response = await fetch(url, { headers: { Accept: 'application/json' }, signal });
  if (response.status >= 500) throw new Error(`${url} answered ${response.status}`);
  const body = await response.json().catch(() => undefined);
  // A list at most services, one in a map at Keystone's root, a single one at an address with a version.
  const told = body?.versions ?? body?.version ?? [];
  const versions = Array.isArray(told) ? told : Array.isArray(told.values) ? told.values : [told];
  const current = versions.find((one) => /^(?:current|stable)$/i.test(one.status)) ?? versions[0];
  return current?.id;
}

function reasonOf(error) {
  if (error.name === 'AbortError') return 'no answer in time';
  return error.cause?.code ?? error.cause?.message ?? error.message;
}
