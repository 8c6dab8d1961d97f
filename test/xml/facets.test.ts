import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createXmlPool, type Schema, type XmlReader } from '../../src/xml/index.js';
import { readTree, type TreeElement } from '../../src/xml/tree.js';

const FOLDER = new URL('../../facets/', import.meta.url);
const names = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const xsdOf = (name: string) => readFileSync(new URL(`${name}/${name}.xsd`, FOLDER), 'utf8');
/** Those of the Resource Model's first uses, of LambdaLink's objects, and of what describes itself. */
const SHIPPED =
  'site siteStatus appliance implementation image imagePresence credential cluster clusterCredential host software service keeper interface'.split(
    ' ',
  );
const XS = 'http://www.w3.org/2001/XMLSchema';

describe('The shipped interfaces', () => {
  let pool: XmlReader;
  const samples = new Map<string, string>();
  before(async () => {
    const schemas: Schema[] = names.map((name) => ({ ns: `urn:facetry:${name}`, xsd: xsdOf(name) }));
    pool = await createXmlPool({ workers: 1, schemas });
    for (const name of names) {
      const { resource, notices } = await pool.read(readFileSync(new URL(`${name}/sample.xml`, FOLDER)));
      expect(notices, name).to.deep.equal([]);
      samples.set(name, resource.xml);
    }
  });
  after(() => pool?.close());

  it('are these', () => {
    expect(names).to.have.members(SHIPPED);
  });
  for (const name of names) {
    describe(name, () => {
      it('declares one facet of its name and namespace, under its own prefix, documented', () => {
        const [entry] = pool.report.interfaces.filter(({ ns }) => ns === `urn:facetry:${name}`);
        expect(entry).to.deep.include({ prefix: name, elements: [name] });
        expect(entry.documentation).to.match(/\.$/);
      });
      it('documents every field', () => {
        const undocumented: string[] = [];
        const visit = (element: TreeElement) => {
          const isField = element.ns === XS && element.local === 'element' && element.attributes.some(({ local }) => local === 'name');
          const doc = element.children.find(({ local }) => local === 'annotation')?.children.find(({ local }) => local === 'documentation');
          if (isField && (doc === undefined || doc.text === '')) undocumented.push(element.place.path);
          element.children.forEach(visit);
        };
        visit(readTree(Buffer.from(xsdOf(name))));
        expect(undocumented).to.deep.equal([]);
      });
      it('says the unit of every number', () => {
        const visit = (element: TreeElement): string[] => {
          const type = element.attributes.find(({ local }) => local === 'type')?.value ?? '';
          const doc = element.children[0]?.children[0]?.text ?? '';
          const silent = /^xs:(?:decimal|nonNegativeInteger)$/.test(type) && !/MiB|GiB|MHz|Mbit|bytes|[Ss]econds|Degrees|count/.test(doc);
          return [...(silent ? [element.place.path] : []), ...element.children.flatMap(visit)];
        };
        expect(visit(readTree(Buffer.from(xsdOf(name))))).to.deep.equal([]);
      });
      it('has no attributes: facets consist of elements', () => {
        expect(xsdOf(name)).to.not.match(/<xs:(?:anyA|a)ttribute/);
      });
      it('has a sample, which has its facet', () => {
        expect(samples.get(name)).to.include(`<${name}:${name}>`).and.include(`id="sample-${name}"`);
      });
    });
  }

  it('have samples that refer to each other', () => {
    const ids = new Set([...samples.values()].map((xml) => /<resource[^>]* id="([^"]*)"/.exec(xml)?.[1]));
    const references = [...samples.values()].flatMap((xml) => [...xml.matchAll(/<[a-z]+:[a-zA-Z]*Ref>([^<]*)</g)].map(([, id]) => id));
    expect(references).to.have.length.greaterThan(6);
    for (const id of references) expect(ids).to.include(id);
  });
});
