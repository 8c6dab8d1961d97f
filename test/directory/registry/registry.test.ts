import { expect } from 'chai';
import { readFacetFolder } from '../../../src/cli/facet-folder.js';
import { type Caller, OPEN_CALLER } from '../../../src/directory/index.js';
import { INTERFACE_NS, type Problem } from '../../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from '../open-test-directory.js';

const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
/** A facet `hw` with one child `cpu`. */
const schemaOf = (ns: string, cpu = 'xs:string', more = '') =>
  `<xs:schema ${XS} targetNamespace="${ns}" elementFormDefault="qualified">
  <xs:element name="hw"><xs:complexType><xs:sequence>
    <xs:element name="cpu" type="${cpu}"/>${more}
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const interfaceResource = (id: string, ns: string, xsd: string, status = 'agreed') =>
  `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:i="${INTERFACE_NS}" id="${id}"><scope>/infra</scope><i:interface><i:namespace>${ns}</i:namespace><i:kind>private</i:kind><i:status>${status}</i:status><i:version>1</i:version><i:schema>${escaped(xsd)}</i:schema></i:interface></resource>`;

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  return work.then(
    () => {
      throw new Error('it was not refused');
    },
    (problem: Problem) => problem,
  );
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 8000; !holds(); await new Promise((resolve) => setTimeout(resolve, 10)))
    if (performance.now() > end) throw new Error('it did not come');
}

const shipped = readFacetFolder().schemas.filter(({ ns }) => ns === INTERFACE_NS);

describe('The interface registry', function () {
  this.timeout(20_000);
  let opened: TestDirectory;
  const put = (id: string, xml: string, caller: Caller = OPEN_CALLER) => opened.directory.put(caller, `${own}-${id}`, bytes(xml));
  /** One directory for all: each test has a namespace and ids of its own. */
  let ns = '';
  let own = '';
  let count = 0;
  before(async () => {
    opened = await openTestDirectory({ schemas: shipped });
  });
  beforeEach(() => {
    own = `t${++count}`;
    ns = `urn:${own}`;
  });
  after(() => opened.destroy());
  const named = (id: string) => `${own}-${id}`;
  const hw = (id: string, cpu: string, namespace = ns) =>
    resourceXml(named(id), { facets: `<f:hw xmlns:f="${namespace}"><f:cpu>${cpu}</f:cpu></f:hw>` });
  const registering = (id: string, namespace: string, xsd: string, status?: string) => interfaceResource(named(id), namespace, xsd, status);
  const registered = () => opened.directory.interfaces(OPEN_CALLER).flatMap((one) => (one.inForce ? [one.ns] : []));

  it('takes a resource with an interface facet as a registration, and forgets it with the resource', async () => {
    const { directory } = opened;
    await put('a', hw('a', 'many'));
    await put('i', registering('i', ns, schemaOf(ns, 'xs:int')));
    expect(directory.interfaces(OPEN_CALLER).find((one) => one.ns === ns)).to.deep.include({
      prefix: own,
      elements: ['hw'],
      origin: 'registered',
      resource: named('i'),
      status: 'agreed',
    });
    expect((await problemOf(put('b', hw('b', 'many')))).code).to.equal('invalid-resource');
    await put('b', hw('b', '4'));
    expect((await directory.discover(OPEN_CALLER, { xpath: `count(//${own}:hw)` })) as object).to.include({ value: 2 });
    await directory.remove(OPEN_CALLER, named('i'));
    await put('b', hw('b', 'many'));
    expect((await problemOf(directory.discover(OPEN_CALLER, { xpath: `//${own}:hw` }))).code).to.equal('invalid-xpath');
  });

  it('is the same after a restart, and a second start makes no commit', async () => {
    await put('i', registering('i', ns, schemaOf(ns, 'xs:int')));
    const { revision } = opened.directory.state;
    await opened.directory.close();
    opened = await openTestDirectory({ schemas: shipped, folder: opened.folder });
    expect(opened.directory.state.revision).to.equal(revision);
    expect((await problemOf(put('b', hw('b', 'many')))).code).to.equal('invalid-resource');
  });

  it('refuses what does not compile, with line and column of the schema, and stores nothing', async () => {
    const { revision } = opened.directory.state;
    const problem = await problemOf(put('i', registering('i', ns, schemaOf(ns, 'xs:nonsense'))));
    expect(problem.code).to.equal('invalid-schema');
    expect(problem.violations[0]).to.include({ line: 3, column: 5 });
    expect(problem.message).to.include(`the schema of "${ns}", line 3`);
    expect(opened.directory.state.revision).to.equal(revision);
  });

  it('refuses a namespace that is registered already', async () => {
    await put('i', registering('i', ns, schemaOf(ns)));
    expect((await problemOf(put('j', registering('j', ns, schemaOf(ns))))).code).to.equal('conflict');
  });

  it('keeps what others import', async () => {
    const importing = `<xs:schema ${XS} targetNamespace="${ns}:g" xmlns:f="${ns}"><xs:import namespace="${ns}"/><xs:element name="g"><xs:complexType><xs:sequence><xs:element ref="f:hw"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;
    expect((await problemOf(put('g', registering('g', `${ns}:g`, importing)))).message).to.include(`"${ns}" is not registered`);
    await put('f', registering('f', ns, schemaOf(ns)));
    await put('g', registering('g', `${ns}:g`, importing));
    const refused = await problemOf(opened.directory.remove(OPEN_CALLER, named('f')));
    expect(refused.code).to.equal('conflict');
    expect(refused.message).to.include(`imported by "${ns}:g"`);
    expect((await problemOf(opened.directory.removeInterface(OPEN_CALLER, ns))).code).to.equal('conflict');
    await opened.directory.removeInterface(OPEN_CALLER, `${ns}:g`);
    await opened.directory.removeInterface(OPEN_CALLER, ns);
    expect(registered()).to.not.include(ns);
  });

  it('no longer checks against what is retired', async () => {
    await put('i', registering('i', ns, schemaOf(ns, 'xs:int')));
    await put('i', registering('i', ns, schemaOf(ns, 'xs:int'), 'retired'));
    await put('b', hw('b', 'many'));
    expect(opened.directory.interface(OPEN_CALLER, ns)).to.include({ status: 'retired' });
  });

  it('takes many documents that register and use an interface', async () => {
    const line = (xml: string) => xml.replaceAll(/\n */g, ' ');
    const lines = [registering('i', ns, schemaOf(ns)), hw('a', '4')].map(line).join('\n');
    const results = [];
    const source = (async function* () {
      yield bytes(`${lines}\n${line(registering('x', `${ns}:x`, schemaOf(`${ns}:x`, 'xs:nonsense')))}\n`);
    })();
    for await (const one of opened.directory.bulk(OPEN_CALLER, source, { form: 'lines', atomic: false, upsert: true }))
      results.push(one.ok);
    expect(results).to.deep.equal([true, true, false]);
    expect(opened.directory.interfaces(OPEN_CALLER).map(({ ns }) => ns))
      .to.include(ns)
      .and.not.include(`${ns}:x`);
  });

  it('follows what another process commits', async () => {
    const { directory, store } = opened;
    const { resource } = await opened.xml.read(bytes(registering('i', ns, schemaOf(ns, 'xs:int'))));
    const xml = bytes(resource.xml);
    await store.write([{ kind: 'put', id: named('i'), xml, expect: { absent: true } }]);
    await until(() => registered().includes(ns));
    expect((await problemOf(put('b', hw('b', 'many')))).code).to.equal('invalid-resource');
    await store.write([{ kind: 'remove', id: named('i') }]);
    await until(() => !registered().includes(ns));
    expect((await directory.put(OPEN_CALLER, named('b'), bytes(hw('b', 'many')))).outcome).to.equal('created');
  });

  it('starts with what can be used, and says what cannot', async () => {
    const base = { ns: `${ns}:base`, xsd: schemaOf(`${ns}:base`) };
    const importing = `<xs:schema ${XS} targetNamespace="${ns}:g" xmlns:f="${ns}:base"><xs:import namespace="${ns}:base"/><xs:element name="g"><xs:complexType><xs:sequence><xs:element ref="f:hw"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;
    await opened.directory.close();
    opened = await openTestDirectory({ schemas: [...shipped, base], folder: opened.folder });
    await put('g', registering('g', `${ns}:g`, importing));
    await put('i', registering('i', ns, schemaOf(ns, 'xs:int')));
    await opened.directory.close();
    // the directory no longer comes with what they build on
    opened = await openTestDirectory({ schemas: shipped, folder: opened.folder });
    expect(registered()).to.include(ns).and.not.include(`${ns}:g`);
    expect(opened.events.flatMap((event) => (event.kind === 'interfaces-unusable' ? [event.ns] : []))).to.deep.equal([`${ns}:g`]);
    expect((await problemOf(put('b', hw('b', 'many')))).code).to.equal('invalid-resource');
    await opened.directory.remove(OPEN_CALLER, named('g'));
    await put('c', registering('c', `${ns}:c`, schemaOf(`${ns}:c`)));
    expect(registered()).to.include(`${ns}:c`);
  });

  describe('ratchets', () => {
    beforeEach(async () => {
      await put('a', withOther('1'));
      await opened.directory.putInterface(OPEN_CALLER, ns, bytes(schemaOf(ns, 'xs:int')));
    });
    const withOther = (x: string, cpu = 'many') =>
      resourceXml(named('a'), {
        facets: `<f:hw xmlns:f="${ns}"><f:cpu>${cpu}</f:cpu></f:hw><o:other xmlns:o="${ns}:o"><o:x>${x}</o:x></o:other>`,
      });

    it('writes that leave an invalid facet as it is go on, with a notice', async () => {
      const { outcome, notices } = await put('a', withOther('2'));
      expect(outcome).to.equal('replaced');
      expect(notices[0]).to.include({ rule: 'schema-tolerated', path: '/r:resource/f:hw[1]/f:cpu[1]' });
    });
    it('edits of other parts too', async () => {
      const name = { ns: `${ns}:o`, local: 'other' };
      const body = bytes(`<o:other xmlns:o="${ns}:o"><o:x>3</o:x></o:other>`);
      expect((await opened.directory.edit(OPEN_CALLER, named('a'), { kind: 'put-facet', name, body })).outcome).to.equal('replaced');
      expect((await opened.directory.edit(OPEN_CALLER, named('a'), { kind: 'add-scope', scope: '/more' })).outcome).to.equal('replaced');
    });
    it('and documents of a bulk', async () => {
      const source = (async function* () {
        yield bytes(`${withOther('4')}\n`);
      })();
      for await (const one of opened.directory.bulk(OPEN_CALLER, source, { form: 'lines', atomic: true, upsert: true }))
        expect(one).to.include({ ok: true });
    });
    it('but not those that change it to something as invalid, or another facet to something invalid', async () => {
      expect((await problemOf(put('a', withOther('2', 'more')))).code).to.equal('invalid-resource');
      await opened.directory.putInterface(OPEN_CALLER, `${ns}:o`, bytes(schemaOf(`${ns}:o`).replace('name="hw"', 'name="other"')));
      const problem = await problemOf(put('a', withOther('5')));
      expect(problem.violations.map(({ path }) => path)).to.deep.equal(['/r:resource/o:other[1]/o:x[1]']);
    });
    it('lists what is invalid, as the caller sees it', async () => {
      const found = await opened.directory.interfaceViolations(OPEN_CALLER, ns, 10);
      expect(found).to.deep.include({ resources: 1, invalid: 1 });
      expect(found?.listed[0]).to.deep.include({ id: named('a'), violations: 1 });
      expect(found?.listed[0]?.violation.path).to.equal('/r:resource/f:hw[1]/f:cpu[1]');
      const elsewhere = { principal: 'p', scopes: ['/elsewhere'], publishes: [] };
      expect(await opened.directory.interfaceViolations(elsewhere, ns, 10)).to.deep.include({ resources: 0, invalid: 0 });
      expect(opened.directory.interface(elsewhere, ns)).to.include({ resources: 0 }).and.not.have.property('resource');
    });
  });

  describe('tells beforehand', () => {
    it('what would become invalid, and which kind of change it is', async () => {
      const { directory } = opened;
      const check = (xsd: string) => directory.checkInterface(OPEN_CALLER, ns, bytes(xsd), { limit: 10 });
      await directory.put({ principal: 'site-a' }, named('a'), bytes(hw('a', 'many')), { manager: 'probe' });
      await put('b', hw('b', '4'));
      expect((await check(schemaOf(ns))).kind).to.equal('new');
      await directory.putInterface(OPEN_CALLER, ns, bytes(schemaOf(ns)));
      expect((await check(schemaOf(ns))).kind).to.equal('identical');
      const wider = await check(schemaOf(ns, 'xs:string', '<xs:element name="gpu" type="xs:int" minOccurs="0"/>'));
      expect(wider.kind).to.equal('compatible');
      expect(wider.changes).to.deep.equal([{ path: 'hw/gpu', what: 'is new', compatible: true }]);
      const { revision } = directory.state;
      const tighter = await check(schemaOf(ns, 'xs:int'));
      expect(tighter).to.deep.include({ kind: 'incompatible' });
      expect(tighter.corpus).to.deep.include({ resources: 2, invalid: 1 });
      expect(tighter.corpus.listed[0]).to.deep.include({ id: named('a'), owners: ['site-a/probe'] });
      expect(directory.state.revision).to.equal(revision);
      expect((await put('c', hw('c', 'some'))).outcome).to.equal('created');
      expect((await problemOf(check(schemaOf(ns, 'xs:nonsense')))).code).to.equal('invalid-schema');
    });
  });

  describe('asks for the right to register', () => {
    const publisher: Caller = { principal: 'p', scopes: ['/infra'], publishes: ['/infra'], admin: false, registrar: false };
    it('because schemas hold for everybody', async () => {
      const document = registering('i', ns, schemaOf(ns));
      expect((await problemOf(put('i', document, publisher))).code).to.equal('forbidden');
      expect((await problemOf(opened.directory.putInterface(publisher, ns, bytes(schemaOf(ns))))).code).to.equal('forbidden');
      await put('i', document, { ...publisher, registrar: true });
      expect((await problemOf(opened.directory.remove(publisher, named('i')))).code).to.equal('forbidden');
    });
    it('for namespaces whose facets one may write, and not for those of the directory', async () => {
      const registrar = { ...publisher, registrar: true, facets: [`${ns}:mine:*`] };
      const document = (namespace: string) => registering('i', namespace, schemaOf(namespace));
      expect((await problemOf(put('i', document(ns), registrar))).code).to.equal('forbidden');
      expect((await put('i', document(`${ns}:mine:f`), registrar)).outcome).to.equal('created');
      const wide = { ...publisher, registrar: true };
      expect((await problemOf(put('j', registering('j', INTERFACE_NS, schemaOf(INTERFACE_NS)), wide))).code).to.equal('forbidden');
    });
  });
});
