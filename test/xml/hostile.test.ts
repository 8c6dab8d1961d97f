import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { Problem } from '../../src/model/index.js';
import { createXmlPool, type XmlReader } from '../../src/xml/index.js';
import { type HostileFile, hostileBytes, hostileFiles, hostileMissing } from '../hostile/corpus.js';
import { skipWhen } from '../servers/installed.js';
import { readerOf, resource } from './support.js';

/** Files that are not a document by themselves: what the channel says of them. */
const LINES = '039-xml-attacks-intruder-list-one-payload-a-line.txt';

describe('Hostile documents and schemas', function () {
  this.timeout(60_000);
  const missing = hostileMissing();
  const files = missing === undefined ? hostileFiles() : [];
  let canary: Server;
  let contacts = 0;
  let reader: XmlReader;
  let deep: XmlReader;
  before(async function () {
    skipWhen(this, missing);
    canary = createServer((socket) => {
      contacts++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => canary.listen(18_999, '127.0.0.1', resolve));
    reader = await createXmlPool({ workers: 1 });
    deep = await createXmlPool({ workers: 1, limits: { bytes: 1 << 20, depth: 256, elements: 20_000 } });
    await reader.setSchemas([]);
  });
  after(async () => {
    await Promise.all([reader?.close(), deep?.close()]);
    await new Promise<void>((resolve) => (canary === undefined ? resolve() : canary.close(() => resolve())));
  });

  /** Status, as HTTP would say it, and that nothing of a local file is in the answer. */
  async function statusOf(call: Promise<unknown>): Promise<number> {
    const answer = await call.catch((error: unknown) => error);
    expect(JSON.stringify(answer) + String(answer)).to.not.include('root:x:0:0');
    if (!(answer instanceof Error)) return 201;
    expect(answer, String(answer.stack)).to.be.instanceOf(Problem);
    return (answer as Problem).status;
  }
  function asTheManifestSays({ expect: word }: HostileFile, status: number): boolean {
    if (/413/.test(word) && status === 413) return true;
    if (/2xx|403|stored/.test(word) && status === 201) return true;
    return /4xx|422|41[35]|never fetched/.test(word) && status >= 400 && status < 500;
  }

  for (const one of files.filter(({ channel }) => !/schema|as above/.test(channel))) {
    if (one.file === LINES) {
      it(`${one.file}: each line → ${one.expect}`, async () => {
        const lines = hostileBytes(one.file)
          .toString('utf8')
          .split('\n')
          .filter((line) => line.trim() !== '');
        for (const line of lines) expect(await statusOf(reader.read(Buffer.from(line))), line).to.be.within(400, 499);
      });
    } else {
      it(`${one.file}: ${one.attacks} → ${one.expect}`, async () => {
        // Within the default limits 64 levels are the most; the file is about depth that is allowed.
        const into = one.file.startsWith('139-') ? deep : reader;
        const start = performance.now();
        const status = await statusOf(into.read(hostileBytes(one.file)));
        expect(performance.now() - start, 'ms').to.be.below(1000);
        expect(status, one.expect).to.satisfy((given: number) => asTheManifestSays(one, given));
        expect(contacts, 'connections to the canary').to.equal(0);
      });
    }
  }

  it('200 levels are over the default limit of 64, which is named', async () => {
    const problem = await reader.read(hostileBytes('139-depth-200-fine.xml')).catch((error) => error);
    expect(problem).to.include({ code: 'limit-exceeded' });
    expect(problem.message).to.include('64');
  });

  for (const one of files.filter(({ channel }) => /schema|as above/.test(channel))) {
    it(`${one.file}: ${one.attacks} → ${one.expect}`, async () => {
      const xsd = hostileBytes(one.file).toString('utf8');
      const status = await statusOf(reader.setSchemas([{ xsd }]));
      expect(status).to.be.oneOf([201, 422]);
      if (!/2xx|second user|each validation/.test(one.expect + one.channel)) expect(status, one.expect).to.equal(422);
      for (const inside of [`<h:e xmlns:h="urn:h">${'a'.repeat(40)}b</h:e>`, `<h:e xmlns:h="urn:h">${'<h:a/>'.repeat(50)}</h:e>`]) {
        const start = performance.now();
        expect(await statusOf(reader.read(Buffer.from(resource(`<scope>/a</scope>${inside}`))))).to.be.oneOf([201, 422]);
        expect(performance.now() - start, 'ms to validate').to.be.below(/each validation/.test(one.expect) ? 100 : 1000);
      }
      expect(contacts, 'connections to the canary').to.equal(0);
    });
  }

  it('text comes back as it was sent, byte for byte', () => {
    const { resource: found } = readerOf()(hostileBytes('165-ok-nul-free-emoji-and-astral-text.xml'));
    expect(found.xml).to.include('<description>🙂 𐌰 ́ العربية</description>');
    const { resource: broken } = readerOf()(hostileBytes('125-resource-cdata-breakout.xml'));
    expect(broken.description).to.equal(']]></description><scope>/infra/other</scope>');
    expect(broken.scopes).to.deep.equal(['/infra/vo1']);
  });
});

describe('Nothing is read from disk or network', () => {
  it('whatever a document or schema points to', async () => {
    let contacts = 0;
    const canary = createServer((socket) => {
      contacts++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(canary.address() as { port: number }).port}`;
    const here = new URL('../../xsd/resource.xsd', import.meta.url).href;
    const schema = (inside: string) => ({
      xsd: `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:p" elementFormDefault="qualified">${inside}<xs:element name="e" type="xs:string"/></xs:schema>`,
    });
    const imported = 'http://gcube-system.org/namespaces/resource';
    // The import itself is allowed, its location must not be opened; a fresh instance each time.
    for (const location of [`${address}/x.xsd`, here, 'file:///etc/passwd', '../../xsd/resource.xsd', '/etc/passwd']) {
      const read = readerOf([schema(`<xs:import namespace="${imported}" schemaLocation="${location}"/>`)]);
      const pointing = resource(
        '<scope>/a</scope><p:e xmlns:p="urn:p">x</p:e>',
        ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:q ${location} urn:p ${location}" xsi:noNamespaceSchemaLocation="${location}"`,
      );
      expect(read(pointing).resource.xml).to.include('schemaLocation');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise<void>((resolve) => canary.close(() => resolve()));
    expect(contacts).to.equal(0);
  });
});
