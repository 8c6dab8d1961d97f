/** Types made of schemas: they compile, and what they read they write again as it was. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { readFacetFolder } from '../../../src/cli/facet-folder.js';
import { generateTypes } from '../../../src/cli/interfaces/generate-types.js';
import { type FacetType, facet, readResource } from '../../../src/client/index.js';
import { nameKey } from '../../../src/model/index.js';
import { checkSchemas, createXmlPool, type XmlReader } from '../../../src/xml/index.js';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const CLIENT = join(REPOSITORY, 'src/client/index.ts');
const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';

/** All that the shipped interfaces do not use. */
const ODD = `<xs:schema ${XS} xmlns:o="urn:odd" xmlns:b="urn:base" targetNamespace="urn:odd" elementFormDefault="qualified">
<xs:import namespace="urn:base"/>
<xs:element name="odd"><xs:annotation><xs:documentation>Everything */ at once.</xs:documentation></xs:annotation><xs:complexType><xs:sequence>
  <xs:element name="type" type="xs:QName"/>
  <xs:choice><xs:element name="left" type="xs:decimal"/><xs:element name="right" type="xs:boolean"/></xs:choice>
  <xs:element name="level"><xs:simpleType><xs:restriction base="xs:int"><xs:enumeration value="1"/><xs:enumeration value="2"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="numbers"><xs:simpleType><xs:list itemType="xs:double"/></xs:simpleType></xs:element>
  <xs:element name="either" minOccurs="0"><xs:simpleType><xs:union memberTypes="xs:int xs:NCName"/></xs:simpleType></xs:element>
  <xs:element name="steps" type="o:steps" minOccurs="0"/>
  <xs:element name="tree" type="o:tree" minOccurs="0"/>
  <xs:element ref="b:shared" minOccurs="0" maxOccurs="3"/>
  <xs:element name="shared" type="xs:string" minOccurs="0"/>
  <xs:element name="kebab-case" type="o:at" minOccurs="0"/>
  <xs:element name="both" minOccurs="0"><xs:complexType><xs:all><xs:element name="x" type="xs:int"/><xs:element name="y" type="xs:int" minOccurs="0"/></xs:all></xs:complexType></xs:element>
  <xs:element name="more" minOccurs="0"><xs:complexType><xs:complexContent><xs:extension base="o:tree"><xs:sequence><xs:element name="leaf" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
  <xs:element name="open" minOccurs="0"><xs:complexType><xs:sequence><xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
<xs:complexType name="steps"><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="up" type="xs:int"/><xs:element name="down" type="xs:int"/></xs:choice></xs:complexType>
<xs:complexType name="tree"><xs:sequence><xs:element name="name" type="xs:string"/><xs:element name="tree" type="o:tree" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
<xs:simpleType name="at"><xs:restriction base="xs:dateTime"/></xs:simpleType>
<xs:element name="plain" type="xs:float"/>
</xs:schema>`;
const BASE = `<xs:schema ${XS} targetNamespace="urn:base"><xs:element name="shared"><xs:complexType><xs:sequence><xs:element name="unqualified" type="xs:string"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;
const ODD_RESOURCE = `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:z="urn:odd" xmlns:q="urn:q" xmlns:b="urn:base" id="odd"><scope>/s</scope>
<z:odd><z:type>q:name</z:type><z:left>+1.50</z:left><z:level>02</z:level><z:numbers> 1.0  -INF NaN</z:numbers><z:either>q</z:either>
<z:steps><z:up>1</z:up><z:down>2</z:down><z:up>3</z:up></z:steps><z:tree><z:name>a</z:name><z:tree><z:name/></z:tree><z:tree><z:name> </z:name></z:tree></z:tree>
<b:shared><unqualified xmlns="">x &amp; y</unqualified></b:shared><b:shared><unqualified xmlns="">&lt;</unqualified></b:shared><z:shared>q:unread</z:shared>
<z:kebab-case>2026-03-01T12:00:00.000+02:00</z:kebab-case><z:both><z:y>1</z:y><z:x>2</z:x></z:both><z:more><z:name>n</z:name><z:leaf>l</z:leaf></z:more>
<z:open><q:any><q:deep>1</q:deep></q:any><q:any/></z:open></z:odd><z:plain>1E3</z:plain></resource>`;

type Types = Readonly<Record<string, FacetType<unknown>>>;

describe('Types of interfaces', function () {
  this.timeout(60_000);
  const { schemas: shipped, samples } = readFacetFolder();
  const schemas = [...shipped, { ns: 'urn:base', xsd: BASE }, { ns: 'urn:odd', xsd: ODD, prefix: 'odd' }];
  let folder: string;
  let text: string;
  let types: Types;
  let xml: XmlReader;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-types-'));
    const inspected = checkSchemas(schemas);
    text = generateTypes(
      inspected,
      inspected.map(({ ns }) => ns),
    );
    const path = join(folder, 'types.ts');
    writeFileSync(path, text.replace("'facetry/client'", JSON.stringify(pathToFileURL(CLIENT).href)));
    types = (await import(pathToFileURL(path).href)) as Types;
    xml = await createXmlPool({ workers: 1, schemas });
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await xml?.close();
  });

  const canonical = async (document: string) => (await xml.read(Buffer.from(document))).resource.xml;
  const typeOf = (name: { ns: string; local: string }) => {
    const found = Object.values(types).find((type) => nameKey(type.name) === nameKey(name));
    if (found === undefined) throw new Error(`there is no type for ${nameKey(name)}`);
    return found;
  };

  it('compile under --strict, and say what is what', () => {
    writeFileSync(join(folder, 'strict.ts'), text);
    writeFileSync(join(folder, 'uses.ts'), USES);
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', moduleDetection: 'force', skipLibCheck: true };
    const compilerOptions = { ...options, exactOptionalPropertyTypes: true, types: [], paths: { 'facetry/client': [CLIENT] } };
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['strict.ts', 'uses.ts'] }));
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    const own = stdout.split('\n').filter((line) => /(?:strict|uses)\.ts/.test(line));
    expect(own.join('\n')).to.equal('');
    if (status !== 0) expect(stdout.split('\n').filter((line) => /error/.test(line) && !/src\//.test(line))).to.deep.equal([]);
  });

  for (const { path, xml: sample } of [...samples, { path: 'an odd one', xml: ODD_RESOURCE }]) {
    it(`write ${path.replace(/^.*facets/, 'facets')} as they read it, byte for byte`, async () => {
      const before = await canonical(sample);
      let document = readResource(sample);
      for (const { name } of document.facets) {
        const type = typeOf(name);
        document = document.with(type, facet(document, type));
      }
      expect(await canonical(document.xml)).to.equal(before);
      // and from the canonical form, all at once
      const again = readResource(before);
      const rewritten = again.facets.reduce((one, { name }) => one.with(typeOf(name), facet(again, typeOf(name))), again);
      expect(await canonical(rewritten.xml)).to.equal(before);
    });
  }

  it('read values as their schemas mean them', () => {
    const odd = facet(readResource(ODD_RESOURCE), typeOf({ ns: 'urn:odd', local: 'odd' })) as Record<string, unknown>;
    expect(odd).to.deep.include({
      type: { ns: 'urn:q', local: 'name', prefix: 'q' },
      left: 1.5,
      level: 2,
      numbers: [1, Number.NEGATIVE_INFINITY, Number.NaN],
      either: 'q',
      'kebab-case': new Date('2026-03-01T10:00:00Z'),
    });
    expect((odd.steps as { content: unknown }).content).to.deep.equal([
      { key: 'up', value: 1 },
      { key: 'down', value: 2 },
      { key: 'up', value: 3 },
    ]);
    expect(facet(readResource(ODD_RESOURCE), typeOf({ ns: 'urn:odd', local: 'plain' }))).to.equal(1000);
  });

  it('write what is new or changed by the schema, and the rest as it was', async () => {
    const odd = typeOf({ ns: 'urn:odd', local: 'odd' });
    const document = readResource(ODD_RESOURCE);
    const value = facet(document, odd) as Record<string, unknown>;
    const changed = document.with(odd, { ...value, left: undefined, right: true, 'kebab-case': new Date(0), shared: 'new' });
    const text = await canonical(changed.xml);
    expect(text).to.include('<z:right>true</z:right><z:level>02</z:level>');
    expect(text).to.include('<z:shared>new</z:shared><z:kebab-case>1970-01-01T00:00:00Z</z:kebab-case>');
    const software = typeOf({ ns: 'urn:facetry:software', local: 'software' });
    const added = await canonical(document.with(software, { name: 'a & b', hostRef: ['h'], version: '1' }).xml);
    expect(added).to.include(
      '<software:software><software:name>a &amp; b</software:name><software:version>1</software:version><software:hostRef>h</software:hostRef></software:software>',
    );
    expect(facet(readResource(added).with(software, undefined), software)).to.equal(undefined);
  });
});

const USES = `import { Odd, OddPlain as Plain, Host, type OddSteps } from './strict.js';
import { facet, type ResourceDocument } from 'facetry/client';
declare const resource: ResourceDocument;
const odd = facet(resource, Odd);
const level: 1 | 2 | undefined = odd?.level;
const steps: OddSteps = { content: [{ key: 'up', value: 1 }, { xml: '<x/>' }] };
const plain: number | undefined = facet(resource, Plain.name.local === 'plain' ? Plain : Plain);
const memory: number | undefined = facet(resource, Host)?.memoryMb;
resource.with(Plain, 4);
// @ts-expect-error a number is wanted
resource.with(Plain, 'four');
// @ts-expect-error there is no such field
const missing = odd?.missing;
export { level, steps, plain, memory, missing };
`;
