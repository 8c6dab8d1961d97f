/**
 * What a caller cannot see does not exist for it. Two directories live through the same requests of one caller; in one of them
 * others also publish, change and remove what it does not see. Every answer to the caller must be the same, byte by byte.
 */
import { expect } from 'chai';
import type { Caller } from '../../src/directory/index.js';
import { type Directory, OPEN_CALLER } from '../../src/directory/index.js';
import type { ReadRule } from '../../src/model/index.js';
import { openStore } from '../../src/store/index.js';
import { openTestDirectory, resourceXml, type TestDirectory } from '../directory/open-test-directory.js';
import { random, seedFrom } from '../servers/random.js';
import { openWire, type Wire } from '../servers/wire.js';
import { type Running, serve } from './running.js';

const CASES = Number(process.env.FACETRY_ISOLATION_CASES ?? 3000);
/** requests of the caller in one pair of directories */
const STEPS = 60;

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Int = (below: number) => number;

const OBSERVED: readonly Caller[] = [
  { principal: 'a', scopes: ['/a'], publishes: ['/a'] },
  { principal: 'reader', scopes: ['/a'], publishes: [] },
  { principal: 'ac', scopes: ['/a', '/c'], publishes: ['/a', '/c'] },
  { principal: 'ax', scopes: ['/a/x'], publishes: ['/a/x'] },
  { principal: 'limited', scopes: ['/a', '/c'], publishes: ['/a'], facets: ['urn:f', 'urn:g*'] },
  { principal: 'admin-a', scopes: ['/a'], publishes: ['/a'], admin: true },
];
const B: Caller = { principal: 'b', scopes: ['/b'], publishes: ['/b'] };

describe('What a caller cannot see', () => {
  const seed = seedFrom('FACETRY_SEED');
  const wall = Date.now;
  let now = 0;
  beforeEach(() => {
    // Dates are a part of answers: both directories live at the same time.
    Date.now = () => now;
  });
  afterEach(() => {
    Date.now = wall;
  });

  it(`does not exist for it: ${CASES} answers with and without (FACETRY_SEED=${seed})`, async function () {
    this.timeout(60_000 + CASES * 50);
    const { int } = random(seed);
    let compared = 0;
    const statuses = new Map<string, number>();
    for (let world = 0; compared < CASES; world++) {
      const caller = OBSERVED[int(OBSERVED.length)] as Caller;
      const readRule: ReadRule = int(4) === 0 ? 'inherit' : 'exact';
      now = 1_800_000_000_000 + world * 86_400_000;
      const pair = await Promise.all([openWorld(caller, readRule), openWorld(caller, readRule)]);
      const [alone, crowded] = pair;
      try {
        const cursors: Memory = { next: [] };
        const twin: Memory = { next: [] };
        const history: string[] = [];
        for (let step = 0; step < STEPS; step++) {
          now += 1000 + int(3) * 500;
          const others = int(3);
          for (let k = 0; k < others; k++) {
            const hidden = hiddenChange(int);
            history.push(`(${hidden.as}: ${hidden.method} ${hidden.path})`);
            await crowded.ask(hidden.as, hidden);
          }
          const ask = question(int, caller);
          history.push(`${ask.method} ${ask.path} ${JSON.stringify(ask.headers ?? {})} ${ask.body ?? ''}`);
          const [one, two] = [await alone.ask('observed', fill(ask, cursors)), await crowded.ask('observed', fill(ask, twin))];
          const [left, right] = [masked(one, cursors), masked(two, twin)];
          if (left !== right) {
            expect(
              right,
              `${caller.principal}, ${readRule}, FACETRY_SEED=${seed}, world ${world}:\n${history.slice(-25).join('\n')}`,
            ).to.equal(left);
          }
          const status = one.slice(9, 12);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          compared++;
        }
      } finally {
        for (const one of pair) await one.close();
      }
    }
    console.log(
      `      ${compared} answers: ${[...statuses]
        .sort()
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ')}`,
    );
    for (const status of ['200', '201', '204', '404', '409', '412'])
      expect(statuses.get(status) ?? 0, status).to.be.greaterThan(compared / 1000);
  });
});

interface World {
  ask(as: string, ask: Ask): Promise<string>;
  close(): Promise<void>;
}

async function openWorld(observed: Caller, readRule: ReadRule): Promise<World> {
  const callers: Record<string, Caller> = { observed, b: B, everybody: OPEN_CALLER };
  const opened: TestDirectory = await openTestDirectory({
    store: await openStore('memory:'),
    readRule,
    lease: { monotonic: () => Date.now(), grace: 100_000 },
  });
  const server: Running = await serve(opened.directory as Directory, {
    metrics: true,
    authenticate: (request) => callers[request.headers['x-as'] as string] as Caller,
  });
  const wires = new Map<string, Wire>();
  let asked = 0;
  return {
    async ask(as, { method, path, headers, body }) {
      const wire = wires.get(as) ?? openWire(server.port);
      wires.set(as, wire);
      const own = as === 'observed' ? `r${asked++}` : 'other';
      const answer = await wire.request(method, path, {
        headers: { 'X-As': as, 'X-Request-Id': own, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      return `HTTP/1.1 ${answer.status}\n${[...answer.headers]
        .map(([name, value]) => `${name}: ${value}`)
        .sort()
        .join('\n')}\n\n${answer.body.toString('utf8')}`;
    },
    async close() {
      for (const wire of wires.values()) wire.close();
      await server.stop();
      await opened.destroy();
    },
  };
}

/** Cursors that a directory gave, which differ each time they are made. */
interface Memory {
  readonly next: string[];
}

function fill(ask: Ask, memory: Memory): Ask {
  return { ...ask, path: ask.path.replace('CURSOR', memory.next.at(-1) ?? 'none') };
}

function masked(answer: string, memory: Memory): string {
  const next = /(?:"next":|next=)"([\w-]+)"/.exec(answer)?.[1];
  if (next !== undefined) memory.next.push(next);
  return answer
    .replace(/^date: .*$/gim, '')
    .replace(/dur=[\d.]+/g, 'dur=…')
    .replace(/(\bms="?|"ms":)[\d.]+/g, '$1…')
    .replace(/urn:uuid:[-0-9a-f]+|urn%3Auuid%3A[-0-9a-f]+/g, 'urn:uuid:…')
    .replace(/((?:"next":|next=)"|cursor=)[\w-]{20,}/g, '$1…');
}

const IDS = ['n0', 'n1', 'n2', 'n3', 'n4'];
const pick = <T>(int: Int, of: readonly T[]): T => of[int(of.length)] as T;
const XML = { 'Content-Type': 'application/xml' };

function document(int: Int, id: string | undefined, scopes: readonly string[]): string {
  const g = int(2) === 0 ? '' : `<g:net xmlns:g="urn:g"><g:if>eth${int(3)}</g:if></g:net>`;
  return resourceXml(id, { scopes, facets: `<f:hw><f:cpu>${int(6)}</f:cpu></f:hw>${g}` });
}

/** What others do where the caller does not see it; it never changes what it sees. */
function hiddenChange(int: Int): Ask & { readonly as: string } {
  const id = pick(int, IDS);
  const mine = pick(int, [`b${int(5)}`, id]);
  switch (int(9)) {
    case 0:
    case 1:
    case 2:
      return {
        as: 'b',
        method: 'PUT',
        path: `/resources/${mine}`,
        headers: { ...XML, ...(int(3) === 0 ? { 'Facetry-TTL': '60' } : {}) },
        body: document(int, undefined, ['/b']),
      };
    case 3:
      return { as: 'b', method: 'POST', path: '/resources', headers: XML, body: document(int, pick(int, [mine, undefined]), ['/b']) };
    case 4:
      // also resources that the caller sees are in scopes that it does not see
      return { as: 'everybody', method: pick(int, ['PUT', 'PUT', 'DELETE']), path: `/resources/${id}/scopes/%2Fd` };
    case 5:
      return { as: 'b', method: 'DELETE', path: `/resources/${mine}` };
    case 6:
      return { as: 'b', method: 'POST', path: `/resources/b${int(5)}/lease` };
    case 7:
      return {
        as: 'b',
        method: 'POST',
        path: '/resources?atomic=false&upsert=true',
        headers: { 'Content-Type': 'application/xml-seq' },
        body: `${document(int, 'b1', ['/b'])}\n${document(int, 'b9', ['/b'])}`,
      };
    default:
      // who sees everything would change hidden1 where the caller has one
      return {
        as: 'everybody',
        method: 'PUT',
        path: `/resources/hidden${2 + int(50)}`,
        headers: XML,
        body: document(int, undefined, pick(int, [['/b'], ['/b', '/d']])),
      };
  }
}

const EXPRESSIONS = [
  '/r:resource',
  'count(//*)',
  'count(/r:resource)',
  '//r:scope',
  'sum(//f:cpu)',
  "id('n1')",
  "id('b1')/@id",
  'id(//f:cpu)',
  '//f:cpu[. = //g:if]',
  '/r:resource[2]/@id',
  '/r:resource[last()]',
  '//f:cpu[. > 2]/following::f:cpu',
  '/r:resource/following-sibling::*[1]/@id',
  'string(/)',
  'string-length(/)',
  '//f:hw[dir:age(.) < 5]',
  'dir:owner(//f:hw)',
  'dir:age(/r:resource[1])',
  '//f:hw[not(dir:fresh(.))]',
  "/r:resource[r:scope = '/b']",
  'distinct-values(//f:cpu)',
  "//*[contains(., 'eth1')]",
  'max(//f:cpu)',
  "/r:resource[f:hw/f:cpu = '3']",
  'namespace-uri(//g:*)',
  'current-dateTime()',
  'foo(',
];

/** Any request of the caller. */
function question(int: Int, { scopes = [] }: Caller): Ask {
  const id = pick(int, [...IDS, 'b1', 'b3', 'hidden1']);
  const at = `/resources/${id}`;
  const facet = `${at}/facets/${encodeURIComponent(pick(int, ['Q{urn:f}hw', 'Q{urn:g}net', 'Q{urn:h}x']))}`;
  const own = [pick(int, scopes as string[])];
  const conditions = pick(int, [{}, {}, {}, { 'If-None-Match': '*' }, { 'If-Match': '*' }, { 'If-Match': '"abc"' }]) as Record<
    string,
    string
  >;
  const accept: Record<string, string> = int(3) === 0 ? { Accept: 'application/json' } : {};
  const more = { ...conditions, ...accept, ...pick(int, [{}, {}, { 'Facetry-Manager': 'm1' }, { 'Facetry-TTL': '60' }]) } as Record<
    string,
    string
  >;
  const dry = pick(int, ['', '', '', '?dryRun=true']);
  switch (int(24)) {
    case 0:
    case 1:
    case 2:
      return { method: 'PUT', path: at + dry, headers: { ...XML, ...more }, body: document(int, undefined, own) };
    case 3:
      return {
        method: 'POST',
        path: `/resources${dry}`,
        headers: { ...XML, ...more },
        body: document(int, id, own),
      };
    case 4:
      return { method: 'DELETE', path: at + dry, headers: more };
    case 5:
      return { method: pick(int, ['GET', 'HEAD']), path: at, headers: { ...conditions, ...accept } };
    case 6:
      return { method: 'GET', path: facet, headers: accept };
    case 7:
      return {
        method: 'PUT',
        path: facet + dry,
        headers: { ...XML, ...more },
        body: pick(int, ['<g:net xmlns:g="urn:g"><g:if>eth9</g:if></g:net>', `<f:hw xmlns:f="urn:f"><f:cpu>${int(9)}</f:cpu></f:hw>`]),
      };
    case 8:
      return { method: 'DELETE', path: facet, headers: more };
    case 9:
      return { method: 'GET', path: `${at}/meta`, headers: accept };
    case 10:
      return { method: 'POST', path: `${at}/lease`, headers: more };
    case 11:
      return {
        method: 'POST',
        path: '/leases',
        headers: { 'Content-Type': 'application/json', ...accept },
        body: JSON.stringify({ resources: [{ id }, { id: 'b1' }] }),
      };
    case 12:
      return { method: 'GET', path: pick(int, ['/resources', '/resources?limit=2', '/resources?limit=1&cursor=CURSOR']), headers: accept };
    case 13:
      return { method: 'GET', path: pick(int, ['/changes', '/changes?cursor=CURSOR', '/changes?cursor=CURSOR&limit=1']), headers: accept };
    case 14:
      return {
        method: 'PATCH',
        path: at + dry,
        headers: { 'Content-Type': 'application/xml-patch+xml', ...accept },
        body: pick(int, [
          `<diff xmlns:f="urn:f"><replace sel="//f:cpu/text()">${int(9)}</replace></diff>`,
          '<diff xmlns:r="http://gcube-system.org/namespaces/resource"><remove sel="*/r:scope[2]"/></diff>',
          '<diff><remove sel="*/*[last()]"/></diff>',
        ]),
      };
    case 15:
      return {
        method: pick(int, ['PUT', 'DELETE']),
        path: `${at}/scopes/${encodeURIComponent(pick(int, ['/a', '/b', '/c', '/a/x', '/d']))}${dry}`,
        headers: accept,
      };
    case 16:
      return {
        method: 'PUT',
        path: `${at}/${pick(int, ['name', 'description'])}`,
        headers: { 'Content-Type': 'text/plain', ...accept },
        body: `w${int(3)}`,
      };
    case 17:
      return {
        method: 'POST',
        path: `/resources?atomic=${pick(int, ['true', 'false'])}&upsert=${pick(int, ['true', 'false'])}${pick(int, ['', '&dryRun=true'])}`,
        headers: { 'Content-Type': 'application/xml-seq', ...accept },
        body: `${document(int, id, own)}\n${document(int, 'b3', own)}`,
      };
    case 18:
      return {
        method: 'GET',
        path: pick(int, ['/interfaces', '/metrics', '/readyz', '/readyz?verbose', '/healthz', '/openapi.json', '/', '/problems/not-found']),
        headers: accept,
      };
    case 19:
      return {
        method: 'POST',
        path: '/resources',
        headers: { ...XML, 'Idempotency-Key': `"${pick(int, ['k1', 'k2'])}"` },
        body: document(int, undefined, own),
      };
    default: {
      const parameters = new URLSearchParams({ xpath: pick(int, EXPRESSIONS), 'ns.f': 'urn:f', 'ns.g': 'urn:g' });
      if (int(4) === 0) parameters.set('explain', 'true');
      if (int(4) === 0) parameters.set('count', 'true');
      if (int(4) === 0) parameters.set('limit', '1');
      return { method: 'GET', path: `/discover?${parameters}`, headers: accept };
    }
  }
}
