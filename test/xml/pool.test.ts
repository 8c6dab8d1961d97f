import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Problem } from '../../src/model/index.js';
import { createXmlPool, type XmlPoolOptions, type XmlReader } from '../../src/xml/index.js';
import { FACET, resource } from './support.js';

const bytes = (text: string) => Buffer.from(text);
const numbered = (k: number) => bytes(resource(`<scope>/a</scope>${FACET}`).replace('id="a1"', `id="n${k}"`));
const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
const typed = (type: string) => ({
  ns: 'urn:f',
  xsd: `<xs:schema ${XS} targetNamespace="urn:f" elementFormDefault="qualified"><xs:element name="v" type="xs:${type}"/></xs:schema>`,
});
const value = (text: string) => bytes(resource(`<scope>/a</scope><f:v xmlns:f="urn:f">${text}</f:v>`));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: Problem) => error.code,
  );

describe('The pool of readers', function () {
  this.timeout(30_000);
  const open: XmlReader[] = [];
  async function pool(options: XmlPoolOptions = {}): Promise<XmlReader> {
    const made = await createXmlPool({ workers: 1, ...options });
    open.push(made);
    return made;
  }
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  it('reads documents, and refuses them with the same problem a single reader has', async () => {
    const reader = await pool();
    expect((await reader.read(numbered(1))).resource.id).to.equal('n1');
    const problem = await reader.read(bytes(resource('<name>my node</name><scope>/a</scope>'))).catch((error) => error);
    expect(problem).to.be.instanceOf(Problem);
    expect(problem).to.include({ code: 'invalid-resource', status: 422 });
    expect(problem.violations.map(({ rule }: { rule: string }) => rule)).to.deep.equal(['facet-missing', 'name-not-qname']);
  });

  it('gives ids: from the address, or minted for those without', async () => {
    const reader = await pool();
    const without = bytes(resource(`<scope>/a</scope>${FACET}`).replace(' id="a1"', ''));
    let minted = 0;
    const mintId = () => `urn:uuid:${++minted}`;
    expect((await reader.read(without, { id: 'x' })).resource.id).to.equal('x');
    expect((await reader.read(without, { mintId })).resource.id).to.equal('urn:uuid:1');
    const many = await reader.readMany([{ bytes: without }, { bytes: numbered(3) }, { bytes: without }], { mintId });
    expect(new Set(many.map((one) => (one.ok ? one.resource.id : one.problem.code))).size).to.equal(3);
    expect(many[1]).to.have.nested.property('resource.id', 'n3');
  });

  it('keeps the order of many, whatever happens to some of them', async () => {
    const reader = await pool({ workers: 2 });
    const pieces = Array.from({ length: 500 }, (_, k) => ({ bytes: k % 7 === 3 ? bytes('<broken>') : numbered(k) }));
    const results = await reader.readMany(pieces);
    results.forEach((result, k) => {
      if (k % 7 === 3) expect(result).to.have.nested.property('problem.code', 'not-well-formed');
      else expect(result).to.have.nested.property('resource.id', `n${k}`);
    });
  });

  it('passes a piece on that cannot even be read, and places violations in the whole body', async () => {
    const reader = await pool();
    const problem = new Problem('document-too-large', {});
    const [first, second] = await reader.readMany([
      { bytes: new Uint8Array(0), problem },
      { bytes: bytes('<a>\n<b></a>'), origin: { line: 40, column: 9 } },
    ]);
    expect(first).to.deep.equal({ ok: false, problem });
    expect(second).to.have.nested.property('problem.violations[0].line', 41);
  });

  it('refuses what is too large without handing it over', async () => {
    const reader = await pool({ limits: { bytes: 100, depth: 10, elements: 10 } });
    expect(await codeOf(reader.read(new Uint8Array(101)))).to.equal('document-too-large');
  });

  it('refuses more when too much waits, and goes on', async () => {
    const reader = await pool({ queueBytes: 2000 });
    const codes = await Promise.all(Array.from({ length: 60 }, (_, k) => codeOf(reader.read(numbered(k)))));
    expect(codes).to.include('overloaded').and.to.include('accepted');
    expect(await codeOf(reader.read(numbered(1)))).to.equal('accepted');
  });

  describe('with schemas', () => {
    it('reads under the set it was given, and reports it', async () => {
      const reader = await pool({ schemas: [typed('int')] });
      expect(reader.report.interfaces).to.deep.equal([{ ns: 'urn:f', prefix: 'f', elements: ['v'], imports: [] }]);
      expect(await codeOf(reader.read(value('1')))).to.equal('accepted');
      expect(await codeOf(reader.read(value('x')))).to.equal('invalid-resource');
    });
    it('changes the set while documents are read: each is read under the old or the new', async () => {
      const reader = await pool({ workers: 2, schemas: [typed('int')] });
      const reading = Array.from({ length: 300 }, (_, k) => codeOf(reader.read(value(k % 2 === 0 ? '1' : 'true'))));
      const changed = reader.setSchemas([typed('boolean')]);
      const codes = await Promise.all(reading);
      await changed;
      // "1" is valid under both, "true" under the new one only
      for (const [k, code] of codes.entries())
        expect(code, String(k)).to.be.oneOf(k % 2 === 0 ? ['accepted'] : ['accepted', 'invalid-resource']);
      expect(await codeOf(reader.read(value('true')))).to.equal('accepted');
      expect(await codeOf(reader.read(value('7')))).to.equal('invalid-resource');
    });
    it('keeps the old set when a new one is refused', async () => {
      const reader = await pool({ schemas: [typed('int')] });
      expect(await codeOf(reader.setSchemas([typed('nonsense')]))).to.equal('invalid-schema');
      expect(await codeOf(reader.setSchemas([{ xsd: '<a/>' }]))).to.equal('invalid-schema');
      expect(reader.report.interfaces).to.have.length(1);
      expect(await codeOf(reader.read(value('x')))).to.equal('invalid-resource');
    });
    it('says which schema and line does not compile', async () => {
      const reader = await pool();
      const bad = { xsd: `<xs:schema ${XS} targetNamespace="urn:bad">\n<xs:element name="e" type="xs:nonsense"/></xs:schema>` };
      const problem = await reader.setSchemas([typed('int'), bad]).catch((error) => error);
      expect(problem.message).to.match(/^the schema of "urn:bad", line 2: .*nonsense/s);
      expect(problem.violations[0]).to.include({ line: 2 });
    });
    it('applies changes in the order they were asked for', async () => {
      const reader = await pool();
      const done = await Promise.all([reader.setSchemas([typed('int')]), reader.setSchemas([]), reader.setSchemas([typed('boolean')])]);
      expect(done.map(({ interfaces }) => interfaces.length)).to.deep.equal([1, 0, 1]);
      expect(await codeOf(reader.read(value('7')))).to.equal('invalid-resource');
    });
    it('refuses to start with a set that is not valid', async () => {
      expect(await codeOf(createXmlPool({ workers: 1, schemas: [typed('nonsense')] }))).to.equal('invalid-schema');
    });
    it('gives up on a set that takes too long or too much memory, and reads on meanwhile', async () => {
      const reader = await pool({ compileTimeoutMs: 300, heapBytes: 64 << 20 });
      // 40 optional elements in any order, repeated: the automaton of this content model explodes.
      const refs = Array.from({ length: 40 }, (_, k) => `<xs:element name="e${k}" minOccurs="0" maxOccurs="30"/>`).join('');
      const monster = {
        xsd: `<xs:schema ${XS} targetNamespace="urn:m"><xs:element name="m"><xs:complexType><xs:sequence minOccurs="0" maxOccurs="30"><xs:choice minOccurs="0" maxOccurs="30">${refs}</xs:choice><xs:sequence>${refs}</xs:sequence></xs:sequence></xs:complexType></xs:element></xs:schema>`,
      };
      const start = performance.now();
      const setting = codeOf(reader.setSchemas([monster]));
      expect(await codeOf(reader.read(numbered(1)))).to.equal('accepted');
      expect(await setting).to.be.oneOf(['invalid-schema', 'accepted']);
      expect(performance.now() - start).to.be.below(5000);
      expect(await codeOf(reader.read(numbered(2)))).to.equal('accepted');
    });
  });

  describe('when instances are lost', () => {
    const worker = new URL('./faulty-worker.js', import.meta.url);
    const read = (reader: XmlReader, word: string) =>
      reader.read(bytes(word)).then(
        ({ resource: { id } }) => id,
        (error: Problem) => error.code,
      );

    for (const [word, code] of [
      ['hang', 'limit-exceeded'],
      ['trap', 'limit-exceeded'],
      ['exit', 'limit-exceeded'],
      ['throw', 'limit-exceeded'],
      ['memory', 'limit-exceeded'],
      ['fault', 'internal-error'],
    ]) {
      it(`a document that makes it ${word} is told ${code}; nobody else is lost`, async () => {
        const reader = await pool({ workers: 2, worker, timeoutMs: 200 });
        const words = Array.from({ length: 200 }, (_, k) => (k === 77 || k === 78 ? word : `d${k}`));
        const answers = await Promise.all(words.map((one) => read(reader, one)));
        expect(answers).to.deep.equal(words.map((one) => (one === word ? code : one)));
        expect(await read(reader, 'after')).to.equal('after');
      });
    }
    it('an innocent one that was at it is read after all', async () => {
      const reader = await pool({ worker, timeoutMs: 200 });
      const words = Array.from({ length: 50 }, (_, k) => (k === 20 ? 'alone-trap' : k === 30 ? 'alone-exit' : `d${k}`));
      expect(await Promise.all(words.map((one) => read(reader, one)))).to.deep.equal(words);
    });
    it('says how long was too long', async () => {
      const reader = await pool({ worker, timeoutMs: 150 });
      const problem = await reader.read(bytes('hang')).catch((error) => error);
      expect(problem.message).to.include('150 ms');
    });
    it('a bulk is answered in full', async () => {
      const reader = await pool({ worker, timeoutMs: 150 });
      const words = Array.from({ length: 300 }, (_, k) => (k % 100 === 50 ? 'hang' : `d${k}`));
      const results = await reader.readMany(words.map((one) => ({ bytes: bytes(one) })));
      expect(results.map((one) => (one.ok ? one.resource.id : one.problem.code))).to.deep.equal(
        words.map((one) => (one === 'hang' ? 'limit-exceeded' : one)),
      );
    });
  });

  it('has a bounded heap: where libxml2 gets no more memory the document is refused, and the next is read', async () => {
    const reader = await pool({ heapBytes: 24 << 20, limits: { bytes: 16 << 20, depth: 64, elements: 20_000 } });
    const large = bytes(resource(`<scope>/a</scope><f:x xmlns:f="urn:f"><f:i>${'text '.repeat(1_700_000)}</f:i></f:x>`));
    expect(await codeOf(reader.read(large))).to.equal('limit-exceeded');
    expect(await codeOf(reader.read(numbered(1)))).to.equal('accepted');
  });

  it('finishes what was handed in before it closes, and refuses the rest', async () => {
    const reader = await createXmlPool({ workers: 1 });
    const reading = Array.from({ length: 100 }, (_, k) => codeOf(reader.read(numbered(k))));
    const closed = reader.close();
    expect(await codeOf(reader.read(numbered(1)))).to.equal('overloaded');
    expect(new Set(await Promise.all(reading))).to.deep.equal(new Set(['accepted']));
    await closed;
  });

  it('says so when its workers cannot even be loaded', async () => {
    const worker = new URL('./there-is-no-such-worker.js', import.meta.url);
    expect(await codeOf(createXmlPool({ workers: 1, worker }))).to.equal('internal-error');
  });

  it('takes the limits it can hold, not more', async () => {
    expect(await createXmlPool({ limits: { bytes: 1, depth: 300, elements: 1 } }).catch((error) => error.message)).to.include('256');
  });

  it('reads its schema from the package alone', () => {
    expect(readFileSync(new URL('../../xsd/resource.xsd', import.meta.url), 'utf8')).to.include('nonemptyname');
  });
});
