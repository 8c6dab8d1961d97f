/** The registry changes while others publish. */
import { expect } from 'chai';
import { OPEN_CALLER } from '../../../src/directory/index.js';
import { Problem } from '../../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from '../open-test-directory.js';

const CLIENTS = 8;
const SWITCHES = Number(process.env.FACETRY_REGISTRY_SWITCHES ?? 4);
const schemaOf = (ns: string, type: string) =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${ns}" elementFormDefault="qualified"><xs:element name="hw"><xs:complexType><xs:sequence><xs:element name="cpu" type="${type}"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;

describe('Registering while others publish', function () {
  this.timeout(60_000);
  let opened: TestDirectory;
  before(async () => {
    opened = await openTestDirectory({ schemas: [] });
  });
  after(() => opened.destroy());

  it(`${CLIENTS} clients lose nothing and are wrongly refused nothing`, async () => {
    const { directory } = opened;
    let running = true;
    let acknowledged = 0;
    const expected = new Map<string, string>();
    const faults: string[] = [];

    /** Valid under every schema there is at any time; read and written in a circle, so that replacing is tried too. */
    const good = async (client: number) => {
      for (let k = 0; running; k++) {
        const id = `c${client}-${k % 50}`;
        const cpu = String(k);
        const ns = k % 3 === 0 ? 'urn:fresh' : 'urn:f';
        try {
          await directory.put(OPEN_CALLER, id, bytes(resourceXml(id, { facets: `<f:hw xmlns:f="${ns}"><f:cpu>${cpu}</f:cpu></f:hw>` })));
          acknowledged++;
          expected.set(id, `>${cpu}<`);
        } catch (error) {
          faults.push(String(error));
        }
      }
    };
    /** Valid under one schema and not under the other: after an answer to the registrar, only the right one may be given. */
    let strict: boolean | undefined;
    let judged = 0;
    const doubtful = async () => {
      for (let k = 0; running; k++) {
        const before = strict;
        const outcome = await directory.put(OPEN_CALLER, `d${k}`, bytes(resourceXml(`d${k}`, { cpu: 'many' }))).then(
          () => 'taken',
          (problem) => (problem instanceof Problem ? problem.code : String(problem)),
        );
        if (before === undefined || strict !== before) continue;
        judged++;
        const right = before ? 'invalid-resource' : 'taken';
        if (outcome !== right) faults.push(`${outcome} where ${right} was right`);
      }
    };

    const clients = [...Array.from({ length: CLIENTS - 1 }, (_, client) => good(client)), doubtful()];
    for (let k = 0; k < SWITCHES; k++) {
      strict = undefined;
      await directory.putInterface(OPEN_CALLER, 'urn:f', bytes(schemaOf('urn:f', k % 2 === 0 ? 'xs:int' : 'xs:string')));
      strict = k % 2 === 0;
      await new Promise((resolve) => setTimeout(resolve, 200));
      strict = undefined;
      await directory.putInterface(OPEN_CALLER, 'urn:fresh', bytes(schemaOf('urn:fresh', k % 2 === 0 ? 'xs:int' : 'xs:long')));
    }
    running = false;
    await Promise.all(clients);

    expect(faults.slice(0, 5)).to.deep.equal([]);
    expect(acknowledged, 'acknowledged').to.be.greaterThan(100);
    expect(judged, 'answers judged').to.be.greaterThan(10);
    const lost = [...expected].filter(([id, cpu]) => !Buffer.from(directory.get(OPEN_CALLER, id)?.xml ?? '').includes(cpu));
    expect(lost).to.deep.equal([]);
  });

  it('200 interfaces that import each other are registered at once, and one more after them', async () => {
    const { directory } = opened;
    const document = (k: number) => {
      const [ns, before] = [`urn:many:${k}`, `urn:many:${k - 1}`];
      const imported = k === 0 ? '' : `<xs:import namespace="${before}"/>`;
      const inner = k === 0 ? '' : '<xs:element ref="b:hw" minOccurs="0"/>';
      const xsd = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:b="${before}" targetNamespace="${ns}" elementFormDefault="qualified">${imported}<xs:element name="hw"><xs:complexType><xs:sequence><xs:element name="cpu" type="xs:int"/>${inner}</xs:sequence></xs:complexType></xs:element></xs:schema>`;
      return `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:i="urn:facetry:interface" id="many-${k}"><scope>/s</scope><i:interface><i:namespace>${ns}</i:namespace><i:kind>private</i:kind><i:status>agreed</i:status><i:version>1</i:version><i:schema>${xsd.replaceAll('<', '&lt;')}</i:schema></i:interface></resource>`;
    };
    const source = (async function* () {
      for (let k = 0; k < 200; k++) yield bytes(`${document(k)}\n`);
    })();
    for await (const one of directory.bulk(OPEN_CALLER, source, { form: 'lines', atomic: true, upsert: false }))
      expect(one).to.include({ ok: true });
    expect(directory.interfaces(OPEN_CALLER)).to.have.length.of.at.least(200);
    await directory.put(OPEN_CALLER, 'many-200', bytes(document(200)));
    const facets = (cpu: string) =>
      `<a:hw xmlns:a="urn:many:200" xmlns:b="urn:many:199"><a:cpu>1</a:cpu><b:hw><b:cpu>${cpu}</b:cpu></b:hw></a:hw>`;
    await directory.put(OPEN_CALLER, 'deep', bytes(resourceXml('deep', { facets: facets('2') })));
    const refused = await directory
      .put(OPEN_CALLER, 'deep', bytes(resourceXml('deep', { facets: facets('two') })))
      .catch((problem) => problem);
    expect((refused as Problem).violations[0]?.path).to.equal('/r:resource/a:hw[1]/b:hw[1]/b:cpu[1]');
  });
});
