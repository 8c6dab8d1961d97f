import { expect } from 'chai';
import { Problem } from '../../src/model/index.js';
import { createXmlPool, type XmlReader } from '../../src/xml/index.js';
import { residentBytes } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { type Canary, listenAsCanary } from './canary.js';
import { type HostileFile, hostileBytes, hostileFiles, hostileMissing } from './corpus.js';

const MIB = 1 << 20;

/**
 * Schemas reach the directory from its operator alone, through the XML room's registry and not over HTTP; so that is where the
 * hostile ones are registered.
 */
describe('Hostile schemas in the registry', function () {
  this.timeout(60_000);
  const missing = hostileMissing();
  let canary: Canary;
  let reader: XmlReader;

  before(async function () {
    skipWhen(this, missing);
    canary = await listenAsCanary();
    reader = await createXmlPool({ schemas: [] });
    await reader.read(document('<h:warm xmlns:h="urn:h"/>'));
    // the first change also waits for the instance that stands by
    await reader.setSchemas([{ xsd: FIRST_OWNER }]);
    await reader.setSchemas([]);
  });

  after(async () => {
    await reader?.close();
    await canary?.close();
  });

  for (const one of missing === undefined ? hostileFiles().filter(({ channel }) => /schema|as above/.test(channel)) : []) {
    it(`${one.file}: ${one.attacks} → ${one.expect}`, async () => {
      const resident = residentBytes(process.pid);
      const schema = { xsd: hostileBytes(one.file).toString('utf8') };
      // a second owner of a namespace comes after a first
      const set = /second user/.test(one.channel) ? [{ xsd: FIRST_OWNER }, schema] : [schema];
      const began = performance.now();
      const outcome = await reader.setSchemas(set).then(
        () => undefined,
        (error: unknown) => error,
      );
      const ms = performance.now() - began;
      if (outcome !== undefined) expect(outcome, String(outcome)).to.be.instanceOf(Problem);
      const status = outcome instanceof Problem ? outcome.status : 201;
      expect(status, String(outcome)).to.satisfy((given: number) => allowed(one, given));
      expect(ms, 'ms to register').to.be.below(1_000);
      expect(String((outcome as Error | undefined)?.message)).to.not.include('root:x:0:0');
      expect(residentBytes(process.pid) - resident, 'more resident memory').to.be.below(64 * MIB);

      // whatever it was, documents go on being validated, and quickly
      for (const facet of FACETS) {
        const start = performance.now();
        const read = await reader.read(document(facet)).then(
          () => 201,
          (error: Problem) => error.status,
        );
        expect(read, facet.slice(0, 80)).to.be.oneOf([201, 400, 422]);
        expect(performance.now() - start, `ms to validate ${facet.slice(0, 80)}`).to.be.below(
          /each validation/.test(one.expect) ? 100 : 1_000,
        );
      }
      await reader.setSchemas([]);
      expect(canary.contacts(), 'connections to the address in the schema').to.equal(0);
    });
  }
});

const FIRST_OWNER =
  '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:h"><xs:element name="f" type="xs:string"/></xs:schema>';

/** Facets in the namespace of the hostile schemas; the first is what their pattern is slow to refuse. */
const FACETS = [
  `<h:e xmlns:h="urn:h">${'a'.repeat(40)}b</h:e>`,
  '<h:f xmlns:h="urn:h">text</h:f>',
  `<h:e xmlns:h="urn:h">${'<h:a/>'.repeat(50)}</h:e>`,
  '<g:other xmlns:g="urn:other">1</g:other>',
];

function document(facet: string): Uint8Array {
  return Buffer.from(`<resource xmlns="http://gcube-system.org/namespaces/resource" id="s"><scope>/s</scope>${facet}</resource>`);
}

function allowed({ expect: word, channel }: HostileFile, status: number): boolean {
  if (/each validation/.test(word)) return status === 201 || status === 422;
  // one namespace, one schema: the set that has two is refused as a whole
  if (/second user/.test(channel)) return status >= 400 && status < 500;
  return (/2xx/.test(word) && status === 201) || (/4xx/.test(word) && status >= 400 && status < 500);
}
