import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire, type Wire, type WireAnswer } from '../servers/wire.js';
import { type Canary, listenAsCanary } from './canary.js';
import { type HostileFile, hostileBytes, hostileFiles, hostileMissing } from './corpus.js';

const MIB = 1 << 20;
/** first words of any Unix password file */
const LOCAL_FILE = 'root:x:0:0';

/** Where the published rules of this directory answer otherwise than the manifest's word, and why. */
const RULED: Readonly<Record<string, { readonly status: readonly number[]; readonly because: string }>> = {
  '139-depth-200-fine.xml': { status: [422], because: 'the limit here is a depth of 64' },
  '129-resource-scope-blank-wrapped.xml': {
    status: [201],
    because: 'scopes are trimmed first, then ruled like the exact string, which an open directory accepts',
  },
  '127-resource-two-scopes-one-foreign.xml': { status: [201], because: 'an open directory has no tokens, so no scope is foreign' },
  '167-line-feed-in-description.xml': {
    status: [201],
    because: 'a line break inside a description is folded to a space before validation',
  },
};

describe('Hostile files over HTTP', function () {
  this.timeout(30_000);
  const missing = hostileMissing();
  let canary: Canary;
  let server: Facetry;
  let wire: Wire;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async function () {
    skipWhen(this, missing);
    canary = await listenAsCanary();
    folder = await temporaryFolder('hostile');
    server = await startFacetry({ data: folder.path });
    wire = openWire(server.port);
    // the first request of a process also loads code; it is no measure of a document
    await wire.request('POST', '/resources', { headers: XML, body: '<warm-up/>' });
  });

  after(async () => {
    wire?.close();
    await server?.stop();
    await folder?.remove();
    await canary?.close();
  });

  for (const one of missing === undefined ? hostileFiles() : []) {
    if (/schema/.test(one.channel) || one.channel === 'as above') continue; // see schemas.test.ts
    it(`${one.file}: ${one.attacks} → ${RULED[one.file]?.because ?? one.expect}`, async () => {
      const bodies = bodiesOf(one);
      const resident = server.resident();
      for (const [k, body] of bodies.entries()) {
        const began = performance.now();
        const answer = await wire.request('POST', '/resources', { headers: headersOf(one), body });
        const ms = performance.now() - began;
        const text = answer.body.toString('utf8');
        const what = `${one.file}${bodies.length > 1 ? `, line ${k + 1}` : ''} is answered by ${answer.status}: ${text.slice(0, 300)}`;
        expect(answer.status, what).to.satisfy(
          (status: number) => (RULED[one.file]?.status ?? []).includes(status) || (!RULED[one.file] && allowed(one, status)),
        );
        expect(ms, `ms; ${what}`).to.be.below(1_000);
        expect(text, what).to.not.include(LOCAL_FILE);
        if (answer.status === 201) await expectStored(one, answer, body);
      }
      expect(canary.contacts(), 'connections to the address in the file').to.equal(0);
      expect(server.process.exitCode, 'the server lives').to.equal(null);
      expect(server.resident() - resident, 'more resident memory').to.be.below(64 * MIB);
      expect((await wire.request('GET', '/livez')).status).to.equal(200);
    });
  }

  it('leave no trace of local files in the log or the store', async function () {
    skipWhen(this, missing);
    expect(server.output()).to.not.include(LOCAL_FILE);
    await server.stop();
    for (const file of readdirSync(folder.path, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(LOCAL_FILE), file.name).to.equal(false);
    }
    expect(canary.contacts()).to.equal(0);
  });

  /** What was accepted is exactly one inert resource under its own id; afterwards it is removed. */
  async function expectStored(one: HostileFile, answer: WireAnswer, body: Buffer): Promise<void> {
    const location = answer.headers.get('location') as string;
    const own = /\bid="([^"]*)"/.exec(body.toString('utf8'))?.[1] as string;
    expect(location).to.match(/^\/resources\/[^/\s]+$/);
    expect(decodeURIComponent(location.slice('/resources/'.length)), 'the id').to.equal(own);
    const { body: stored, status } = await wire.request('GET', location);
    expect(status).to.equal(200);
    const text = stored.toString('utf8');
    expect(text).to.not.include(LOCAL_FILE);
    expect((text.match(/<scope>/g) ?? []).length, 'scopes').to.equal(one.file.startsWith('127') ? 2 : 1);
    expect(await count(`count(/*)`), 'resources').to.equal(1);
    if (/CDATA/.test(one.attacks)) {
      expect(await count(`count(/*/r:scope[. = '/infra/other'])`), 'scopes that were only text').to.equal(0);
      expect(await count(`count(/*/r:description[. = ']]></description><scope>/infra/other</scope>'])`)).to.equal(1);
    }
    if (/byte-equal/.test(one.expect)) {
      const description = /<description>(.*)<\/description>/s.exec(body.toString('utf8'))?.[1] as string;
      expect(text).to.include(`<description>${description}</description>`);
    }
    expect((await wire.request('DELETE', location)).status).to.be.within(200, 204);
  }

  async function count(xpath: string): Promise<number> {
    const { body } = await wire.request(
      'GET',
      `/discover?${new URLSearchParams({ xpath, 'ns.r': 'http://gcube-system.org/namespaces/resource' })}`,
    );
    return Number(/>(\d+)<\/results>/.exec(body.toString('utf8'))?.[1]);
  }
});

const XML = { 'Content-Type': 'application/xml' };

function headersOf({ channel }: HostileFile): Record<string, string> {
  return /gzip/.test(channel) ? { ...XML, 'Content-Encoding': 'gzip' } : XML;
}

function bodiesOf({ file, channel }: HostileFile): Buffer[] {
  const bytes = hostileBytes(file);
  if (!/per line/.test(channel)) return [bytes];
  return bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Buffer.from(line, 'latin1'));
}

/** The manifest's word as a set of statuses: `2xx`, `4xx`, both, or the very numbers it names; never a 5xx. */
function allowed({ channel, expect: word }: HostileFile, status: number): boolean {
  if (channel === 'served file') return status >= 400 && status < 500; // posted all the same: it is no resource
  const numbers = word.match(/\b[45]\d\d\b/g)?.map(Number) ?? [];
  if (/^\d{3}/.test(word)) return numbers.includes(status) || (/2xx/.test(word) && status === 201);
  const families = [/2xx|stored|distinct/.test(word) ? 2 : 0, /4xx/.test(word) ? 4 : 0];
  return families.includes(Math.floor(status / 100));
}
