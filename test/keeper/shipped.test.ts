import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { discoverDelegates, testDelegate } from '../../src/keeper/index.js';
import { createXmlPool, type XmlReader } from '../../src/xml/index.js';

const FOLDER = fileURLToPath(new URL('../../keepers/delegates', import.meta.url));
const HOST_SCHEMA = { ns: 'urn:facetry:host', xsd: readFileSync(new URL('../../facets/host/host.xsd', import.meta.url), 'utf8') };

/** These ask a site, and are tested with one: openstack-delegates.test.ts. */
const ASK_A_SITE = ['cluster.mjs', 'image-presence.mjs'];

describe('the shipped delegates', () => {
  let xml: XmlReader;
  before(async () => {
    xml = await createXmlPool({ workers: 1, schemas: [HOST_SCHEMA] });
  });
  after(() => xml.close());

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
      const { delegates } = await discoverDelegates({ folders: [FOLDER], packages: [] });
      const one = delegates.find(({ path }) => path === join(FOLDER, file));
      if (one === undefined) throw new Error(`${file} was not found`);
      const { checks, facets } = await testDelegate(one, { config: {}, resource: 'test', timeoutMs: 10_000 }, () => undefined);
      expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
      expect(facets).to.have.length(1);
      const document = `<resource xmlns="http://gcube-system.org/namespaces/resource" id="test"><scope>/a</scope>${facets.join('')}</resource>`;
      const { notices } = await xml.read(Buffer.from(document));
      expect(notices).to.deep.equal([]);
    });
  }

  it('import nothing but what Node and Python bring', () => {
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))) {
      const imports = [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/^import .* from '([^']+)'/gm)].map(([, name]) => name);
      expect(imports.length).to.be.greaterThan(0);
      for (const name of imports) expect(name).to.match(/^(?:node:|facetry\/delegate$|\.\.\/openstack\/site\.mjs$)/);
    }
  });
});
