/**
 * A service and whether it answers: facet {urn:facetry:service}service.
 *
 *     config: { name: Notebooks, type: org.example.notebook, endpoints: [{ url: 'https://notebooks.example.org/' }, { url: 'tcp://db:5432' }] }
 *
 * An http(s) endpoint is `ok` when it answers below 400, `warning` when late (`lateMs`, 2000), otherwise `critical`; a tcp endpoint is
 * `ok` when it can be connected to. As long as nothing changes in that, the time and latency of the first probe that found it are told,
 * until they are `refresh` seconds old (3600): otherwise each probe would be a change in the directory.
 */
import { connect } from 'node:net';

const text = { type: 'string', minLength: 1 };
const before = new Map();

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'service',
  version: '1.0.0',
  provides: ['Q{urn:facetry:service}service'],
  config: {
    type: 'object',
    properties: {
      name: text,
      type: text,
      version: text,
      quality: { type: 'string', enum: ['development', 'testing', 'pre-production', 'production'] },
      hostRef: text,
      softwareRef: text,
      endpoints: {
        type: 'array',
        minItems: 1,
        items: { type: 'object', properties: { url: text, interface: text, version: text }, required: ['url'] },
      },
      lateMs: { type: 'number', minimum: 1 },
      refresh: { type: 'number', minimum: 0 },
    },
    required: ['name', 'type', 'endpoints'],
    additionalProperties: false,
  },
  async collect({ resource, config, signal }) {
    const { name, type, version, quality, hostRef, softwareRef, endpoints, lateMs = 2000, refresh = 3600 } = config;
    const endpoint = await Promise.all(
      endpoints.map(async ({ url, interface: kind, version: own }) => {
        const seen = await probe(url, lateMs, signal);
        return {
          url,
          interface: kind ?? new URL(url).protocol.slice(0, -1),
          version: own,
          ...steady(`${resource.id} ${url}`, seen, refresh),
        };
      }),
    );
    return { name, type, version, quality, hostRef, softwareRef, endpoints: { endpoint } };
  },
};

/** What was seen, or what was seen before when that is the same. */
function steady(key, { health, healthInfo, ms }, refresh) {
  const checkedAt = new Date();
  const last = before.get(key);
  if (last?.health === health && last.healthInfo === healthInfo && checkedAt - last.checkedAt < 1000 * refresh) return last;
  const now = { health, healthInfo, latencyMs: health === 'critical' ? undefined : Math.round(ms), checkedAt };
  before.set(key, now);
  return now;
}

async function probe(url, lateMs, signal) {
  const began = performance.now();
  try {
    const said = url.startsWith('tcp:') ? await connectTo(new URL(url), signal) : await ask(url, signal);
    const ms = performance.now() - began;
    if (said !== undefined) return { health: 'critical', healthInfo: said, ms };
    return ms > lateMs
      ? { health: 'warning', healthInfo: `it answers later than after ${lateMs} ms`, ms }
      : { health: 'ok', healthInfo: undefined, ms };
  } catch (error) {
    return { health: 'critical', healthInfo: error.cause?.code ?? error.code ?? error.message, ms: 0 };
  }
}

async function ask(url, signal) {
  const response = await fetch(url, { redirect: 'manual', signal });
  await response.body?.cancel();
  return response.status < 400 ? undefined : `it answers ${response.status}`;
}

function connectTo({ hostname, port }, signal) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), signal });
    socket.once('error', reject).once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
