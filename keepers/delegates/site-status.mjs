/**
 * How an OpenStack site answers: facet {urn:facetry:siteStatus}siteStatus. Asks Keystone for its versions, and with a token also for
 * its catalog, whose services are asked for theirs; all without changing anything there.
 *
 *     config: { siteRef: my-site, url: 'https://cloud.example.org:5000/v3', token: '${env:OS_TOKEN}' }
 *
 * A probe that finds what the last one found says so again, with the time and the seconds of that one, until it is `refresh` seconds
 * old (3600): otherwise each probe would be a change in the directory. That the keeper goes on probing is told by the facet's lease.
 */
const text = { type: 'string', minLength: 1 };
const before = new Map();

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'site-status',
  version: '1.0.0',
  provides: ['Q{urn:facetry:siteStatus}siteStatus'],
  config: {
    type: 'object',
    properties: { siteRef: text, url: text, token: text, refresh: { type: 'number', minimum: 0 } },
    required: ['siteRef', 'url'],
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

async function probe({ url, token }, signal) {
  let identity;
  try {
    identity = await versionAt(url, signal);
  } catch (error) {
    return { reachable: false, reason: reasonOf(error), services: [] };
  }
  const services = [{ kind: 'identity', available: true, version: identity }];
  if (token !== undefined) {
    const catalog = await catalogOf(url, token, signal).catch((error) => {
      services[0] = { ...services[0], available: false };
      return { failed: reasonOf(error) };
    });
    if (catalog.failed !== undefined) return { reachable: true, reason: `the catalog was not told: ${catalog.failed}`, services };
    const others = catalog.filter(({ kind }) => kind !== 'identity');
    services.push(...(await Promise.all(others.map((one) => statusOf(one, signal)))));
  }
  return { reachable: true, services: services.sort((a, b) => (a.kind < b.kind ? -1 : 1)) };
}

async function statusOf({ kind, url }, signal) {
  try {
    return { kind, available: true, version: await versionAt(url, signal) };
  } catch {
    return { kind, available: false };
  }
}

/** Every OpenStack service tells its API versions where it is; some with 300, some only at its root. Undefined: it answers, and tells none. */
async function versionAt(url, signal) {
  const response = await fetch(url, { headers: { Accept: 'application/json' }, signal });
  if (response.status >= 500) throw new Error(`${url} answered ${response.status}`);
  const body = await response.json().catch(() => undefined);
  const versions = body?.versions?.values ?? body?.versions ?? (body?.version === undefined ? [] : [body.version]);
  const current = Array.isArray(versions) ? (versions.find((one) => /^(?:current|stable)$/i.test(one.status)) ?? versions[0]) : undefined;
  return current?.id;
}

/** Keystone v3, "Get service catalog": public addresses by kind. */
async function catalogOf(url, token, signal) {
  const response = await fetch(`${url.replace(/\/+$/, '')}/auth/catalog`, { headers: { 'X-Auth-Token': token }, signal });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  const { catalog } = await response.json();
  const found = new Map();
  for (const { type, endpoints } of catalog) {
    const address = endpoints.find((one) => one.interface === 'public')?.url;
    if (address !== undefined && !found.has(type)) found.set(type, new URL(address).origin);
  }
  return [...found].map(([kind, address]) => ({ kind, url: address }));
}

function reasonOf(error) {
  if (error.name === 'AbortError') return 'no answer in time';
  return error.cause?.code ?? error.cause?.message ?? error.message;
}
