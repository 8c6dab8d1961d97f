import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { connect } from '../../src/client/index.js';
import { discoverDelegates, type FoundDelegate, testDelegate } from '../../src/keeper/index.js';
import { createXmlPool, type XmlReader } from '../../src/xml/index.js';
import { facetry, startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';

const KEEPERS = fileURLToPath(new URL('../../keepers', import.meta.url));
const FOLDER = join(KEEPERS, 'delegates');
const FACETS = fileURLToPath(new URL('../../facets', import.meta.url));

/** What each is asked with; those that need nothing are asked with nothing. */
const CONFIGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'appliance.mjs': { folder: join(KEEPERS, 'appliances'), file: join(KEEPERS, 'appliances/message-board/appliance.yaml') },
  'implementation.mjs': {
    folder: join(KEEPERS, 'appliances'),
    file: join(KEEPERS, 'appliances/message-board/implementation.yaml'),
    applianceRef: 'message-board',
  },
  'service.mjs': { name: 's', type: 'a.b', endpoints: [{ url: 'http://127.0.0.1:1/' }, { url: 'tcp://127.0.0.1:1' }] },
  'site.mjs': {
    name: 's',
    url: 'http://127.0.0.1:1/v3',
    country: 'IT',
    location: { longitude: 10.4, latitude: 43.7 },
    quota: { instances: 4 },
    endpoints: [{ kind: 'image', url: 'http://127.0.0.1:2' }],
  },
  'site-status.mjs': { siteRef: 's', authUrl: 'http://127.0.0.1:1/v3' },
  'software.mjs': {
    name: 'shell',
    dpkg: ['dash', 'no-such-package'],
    npm: fileURLToPath(new URL('../..', import.meta.url)),
    packages: ['yaml', '@types/no*'],
  },
};

/** These ask a site, and are tested with one: openstack-delegates.test.ts. */
const ASK_A_SITE = ['cluster.mjs', 'image-presence.mjs'];

describe('the shipped delegates', () => {
  let xml: XmlReader;
  before(async () => {
    const schemas = readdirSync(FACETS).map((name) => ({
      ns: `urn:facetry:${name}`,
      xsd: readFileSync(join(FACETS, name, `${name}.xsd`), 'utf8'),
    }));
    xml = await createXmlPool({ workers: 1, schemas });
  });
  after(() => xml.close());

  async function delegateIn(file: string): Promise<FoundDelegate> {
    const { delegates } = await discoverDelegates({ folders: [FOLDER], packages: [] });
    const one = delegates.find(({ path }) => path === join(FOLDER, file));
    if (one === undefined) throw new Error(`${file} was not found`);
    return one;
  }

  async function facetOf(file: string, config: Readonly<Record<string, unknown>>): Promise<string> {
    const { checks, facets } = await testDelegate(await delegateIn(file), { config, resource: 'test', timeoutMs: 10_000 }, () => undefined);
    expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
    expect(facets).to.have.length(1);
    return facets[0] as string;
  }

  it('are all found, none is refused', async () => {
    const { delegates, refused } = await discoverDelegates({ folders: [FOLDER], packages: [] });
    expect(refused).to.deep.equal([]);
    expect(delegates.map(({ path }) => path)).to.deep.equal(
      readdirSync(FOLDER)
        .sort()
        .map((name) => join(FOLDER, name)),
    );
  });

  for (const file of readdirSync(FOLDER)
    .sort()
    .filter((name) => !ASK_A_SITE.includes(name))) {
    it(`${file} keeps the contract, and its facet is one the directory takes`, async () => {
      const facet = await facetOf(file, CONFIGS[file] ?? {});
      const { notices } = await xml.read(
        Buffer.from(`<resource xmlns="http://gcube-system.org/namespaces/resource" id="test"><scope>/a</scope>${facet}</resource>`),
      );
      expect(notices).to.deep.equal([]);
    });
  }

  it('software tells the versions that the package managers tell', async () => {
    const facet = await facetOf('software.mjs', CONFIGS['software.mjs'] ?? {});
    const dash = execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, 'dash'], { encoding: 'utf8' });
    expect(facet).to.include(`<software:name>dash</software:name><software:version>${dash}</software:version><software:manager>dpkg<`);
    expect(facet).to.match(/<software:name>yaml<\/software:name><software:version>2\.\d+\.\d+</);
    expect(facet).to.include('<software:name>@types/node</software:name>');
  });

  it('service tells whether endpoints answer, and the time of the first probe that found it so', async () => {
    const server = createServer((request, response) => response.writeHead(request.url === '/bad' ? 500 : 200).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const endpoints = [`http://127.0.0.1:${port}/`, `http://127.0.0.1:${port}/bad`, `tcp://127.0.0.1:${port}`, 'tcp://127.0.0.1:1'];
      const facet = await facetOf('service.mjs', { name: 's', type: 'a.b', endpoints: endpoints.map((url) => ({ url })) });
      const health = [...facet.matchAll(/<service:health>(\w+)</g)].map(([, one]) => one);
      expect(health).to.deep.equal(['ok', 'critical', 'ok', 'critical']);
      expect(facet).to.include('it answers 500').and.to.include('ECONNREFUSED');
    } finally {
      server.close();
    }
  });

  it('implementation publishes the template as it is, and no file from elsewhere', async () => {
    const facet = await facetOf('implementation.mjs', CONFIGS['implementation.mjs'] ?? {});
    const template = readFileSync(join(KEEPERS, 'appliances/message-board/stack.hot.yaml'), 'utf8');
    expect(facet).to.include(`sha256:${createHash('sha256').update(template).digest('hex')}`);
    const folder = mkdtempSync(join(tmpdir(), 'facetry-appliance-'));
    try {
      writeFileSync(join(folder, 'implementation.yaml'), 'template: ../../etc/passwd\n');
      const config = { file: join(folder, 'implementation.yaml'), applianceRef: 'a' };
      const { checks } = await testDelegate(
        await delegateIn('implementation.mjs'),
        { config, resource: 'test', timeoutMs: 10_000 },
        () => undefined,
      );
      expect(checks.find(({ what }) => what === 'collects')?.note).to.match(/must be a file beside it/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('import nothing but the contract, what Node brings, and a reader of YAML', () => {
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))) {
      const imports = [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/^import .* from '([^']+)'/gm)].map(([, name]) => name);
      for (const name of imports) expect(name).to.match(/^(?:node:.*|facetry\/delegate|yaml|\.\.\/openstack\/site\.mjs)$/);
    }
  });
});

describe('the shipped keepers', function () {
  this.timeout(60_000);
  for (const file of readdirSync(KEEPERS).filter((name) => name.endsWith('.yaml'))) {
    it(`${file} runs as it is`, async () => {
      const data = await temporaryFolder('shipped-data');
      const state = await temporaryFolder('shipped-state');
      const directory = await startFacetry({ data: data.path });
      const url = `http://127.0.0.1:${directory.port}`;
      try {
        const { code, output } = await facetry([
          'keep',
          join(KEEPERS, file),
          '--once',
          '--url',
          url,
          '--state',
          state.path,
          '--log-level',
          'warn',
        ]);
        expect(output).to.equal('');
        expect(code).to.equal(0);
        const ids: string[] = [];
        for await (const { id } of connect(url).list()) ids.push(id);
        expect(ids.filter((id) => id.startsWith('keeper-'))).to.have.length(1);
        expect(ids.length).to.be.greaterThan(1);
      } finally {
        await directory.stop();
        await state.remove();
        await data.remove();
      }
    });
  }
});
