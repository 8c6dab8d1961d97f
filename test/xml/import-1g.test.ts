import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Imported1g, import1g } from '../../src/xml/index.js';
import { skipWhen } from '../servers/installed.js';
import { problemOf, readerOf, shared } from './support.js';

const read = readerOf();
const convert = (xml: string, options?: Parameters<typeof import1g>[1]): Imported1g => import1g(Buffer.from(xml), options);
const profile = (inside: string) =>
  `<Resource version="0.4.x"><ID>i1</ID><Type>T</Type><Scopes><Scope>/a</Scope></Scopes><Profile>${inside}</Profile></Resource>`;
const facetsOf = (xml: string) => xml.slice(xml.indexOf('</scope>') + 8, -'</resource>'.length);
const rules = ({ report }: Imported1g) => report.map(({ rule }) => rule).filter((rule) => rule !== 'dropped');

describe('Converting first-generation profiles', () => {
  const table: readonly (readonly [title: string, inside: string, facets: string, rules?: readonly string[]])[] = [
    ['each child of Profile is a facet', '<A>1</A>\n<B><C>2</C></B>', '<g:A>1</g:A><g:B><g:C>2</g:C></g:B>'],
    ['attributes become child elements', '<A x="1" y=""><B z="2"/></A>', '<g:A><g:x>1</g:x><g:y/><g:B><g:z>2</g:z></g:B></g:A>'],
    ['text beside an attribute becomes the child value', '<A x="1">t</A>', '<g:A><g:x>1</g:x><g:value>t</g:value></g:A>'],
    ['or the child text, where value is an attribute', '<A value="1">t</A>', '<g:A><g:value>1</g:value><g:text>t</g:text></g:A>'],
    ['several of one name become one facet', '<A>1</A><B/><A x="2"/>', '<g:A><g:A>1</g:A><g:A><g:x>2</g:x></g:A></g:A><g:B/>', ['merged']],
    ['comments and outer white space go', '<A>\n <!-- c --> t </A>', '<g:A>t</g:A>'],
    ['elements keep a namespace of their own', '<A><p:B xmlns:p="urn:p">1</p:B></A>', '<g:A><p:B>1</p:B></g:A>'],
    ['passwords are left out', '<A><User>u</User><Password>p</Password></A>', '<g:A><g:User>u</g:User></g:A>', ['secret-dropped']],
    ['so are password attributes', '<A dbPassword="p" user="u"/>', '<g:A><g:user>u</g:user></g:A>', ['secret-dropped']],
    [
      'so are encrypted values',
      '<A><Value encrypted="true">xyz</Value><Value encrypted="false">z</Value></A>',
      '<g:A><g:Value><g:encrypted>false</g:encrypted><g:value>z</g:value></g:Value></g:A>',
      ['secret-dropped'],
    ],
    [
      'so are values of secret properties',
      '<A><Property><Name>api_token</Name><Value>p</Value></Property></A>',
      '<g:A><g:Property><g:Name>api_token</g:Name></g:Property></g:A>',
      ['secret-dropped'],
    ],
    ['so are passwords in addresses', '<A>jdbc://u:p@h/db</A>', '<g:A>jdbc://u@h/db</g:A>', ['secret-dropped']],
    [
      'what only sounds like a secret stays',
      '<A><CredentialsDistinguishedName>c</CredentialsDistinguishedName></A>',
      '<g:A><g:CredentialsDistinguishedName>c</g:CredentialsDistinguishedName></g:A>',
    ],
  ];
  for (const [title, inside, facets, expected = []] of table) {
    it(title, () => {
      const result = convert(profile(inside));
      expect(facetsOf(result.xml)).to.equal(facets);
      expect(rules(result)).to.deep.equal(expected);
      expect(read(result.xml).resource.xml, 'is canonical').to.equal(result.xml);
    });
  }

  it('type, id, scopes, name and description go where they belong', () => {
    const { xml } = convert(profile('<Name>n1</Name><Description>some\nwords</Description>'));
    expect(xml).to.match(
      /^<resource xmlns="[^"]*" xmlns:g="urn:gcube:1g:T" id="i1"><name>n1<\/name><description>some words<\/description><scope>\/a<\/scope>/,
    );
  });
  it('a name that is no QName stays in its facet', () => {
    expect(convert(profile('<Name>two words</Name>')).xml).to.not.include('<name>');
  });

  const refused: readonly (readonly [title: string, xml: string, rule: string, place?: string])[] = [
    ['mixed text, with its place', profile('\n<A>\n  t<B/></A>'), 'facet-mixed-content', '2:1'],
    ['no type', profile('<A/>').replace('<Type>T</Type>', ''), 'type-missing'],
    ['a type that is no word', profile('<A/>').replace('>T<', '>a b<'), 'type-missing'],
    ['no profile', profile('').replace('<Profile></Profile>', ''), 'profile-missing'],
    ['an empty profile', profile(''), 'facet-missing'],
    ['no scope', profile('<A/>').replace('<Scope>/a</Scope>', ''), 'scope-missing'],
    ['no scope of the right form', profile('<A/>').replace('/a<', 'Scope<'), 'scope-missing'],
    ['another document', '<x/>', 'not-1g'],
  ];
  for (const [title, xml, rule, place] of refused) {
    it(`refuses ${title}`, () => {
      const [violation] = problemOf(() => convert(xml)).violations;
      expect(violation.rule).to.equal(rule);
      if (place !== undefined) expect(`${violation.line}:${violation.column}`).to.equal(place);
    });
  }
  it('refuses a DOCTYPE and what is not well-formed, with the place', () => {
    expect(problemOf(() => convert('<!DOCTYPE Resource><Resource/>')).code).to.equal('doctype-refused');
    expect(problemOf(() => convert('<Resource>\n<A></Resource>')).violations[0]).to.include({ line: 2, column: 4 });
  });
  it('gives scopes and an id to profiles without, when told to', () => {
    const bare = '<Resource><ID/><Type>T</Type><Profile><A/></Profile></Resource>';
    expect(convert(bare, { scopes: ['/d'], id: 'x' }).xml).to.include(' id="x"><scope>/d</scope>');
    const result = convert(bare, { scopes: ['/d'] });
    expect(rules(result)).to.deep.equal(['scope-missing', 'id-missing']);
    expect(read(result.xml, { mintedId: 'urn:uuid:1' }).resource.id).to.equal('urn:uuid:1');
  });

  describe('the real samples', () => {
    const { url, missing } = shared('gcube-samples/1g');
    before(function () {
      skipWhen(this, missing);
    });
    /** facets, or why it is refused */
    const outcomes: Readonly<Record<string, number | string>> = {
      'GCoreEndpoint-RunningInstance.xml': 13,
      'GenericResource-textBody.xml': 4,
      'GenericResource.xml': 4,
      // its only scope is the word "Scope"
      'HostingNode-GHN.xml': 'scope-missing',
      // it has no scopes at all
      'ISFilters-GenericResource.xml': 'scope-missing',
      'InstanceState-Document.xml': 11,
      'ServiceEndpoint-RuntimeResource.xml': 6,
    };
    it('are all in the table', () => {
      expect(readdirSync(url)).to.have.members(Object.keys(outcomes));
    });
    for (const [file, outcome] of missing === undefined ? Object.entries(outcomes) : []) {
      it(`${file}: ${typeof outcome === 'number' ? `${outcome} facets` : `refused, ${outcome}`}`, () => {
        const bytes = readFileSync(new URL(file, url));
        if (typeof outcome === 'string') {
          expect(problemOf(() => import1g(bytes)).violations[0]).to.include({ rule: outcome });
          const { xml } = import1g(bytes, { scopes: ['/given'] });
          expect(read(xml, { mintedId: 'urn:uuid:1' }).resource.scopes).to.deep.equal(['/given']);
        } else {
          const { resource } = read(import1g(bytes).xml);
          expect(resource.facets).to.have.length(outcome);
        }
      });
    }
    it('leave the password of the runtime resource out, and say so', () => {
      const { xml, report } = import1g(readFileSync(new URL('ServiceEndpoint-RuntimeResource.xml', url)));
      expect(xml).to.not.include('REDACTED').and.not.include('Password');
      expect(report.filter(({ rule }) => rule === 'secret-dropped')).to.have.length(1);
    });
    it('take the scopes of an instance state from its data', () => {
      const { xml } = import1g(readFileSync(new URL('InstanceState-Document.xml', url)));
      expect(read(xml).resource.scopes).to.deep.equal(['/gcube/devNext', '/gcube', '/gcube/devsec/devVRE']);
    });
  });
});
