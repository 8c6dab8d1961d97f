import { expect } from 'chai';
import { RESOURCE_NS } from '../../src/model/index.js';
import { FACET, problemOf, readerOf, resource, rulesOf, said } from './support.js';

const read = readerOf();
const SCOPE = '<scope>/a</scope>';
const fine = resource(SCOPE + FACET);
const facet = (inside: string) => resource(`${SCOPE}<f:hw xmlns:f="urn:f">${inside}</f:hw>`);

describe('The rules of the resource model', () => {
  describe('id', () => {
    it('is the unqualified attribute', () => {
      expect(read(fine).resource.id).to.equal('a1');
    });
    it('is refused in the resource namespace, with a hint', () => {
      const document = `<r:resource xmlns:r="${RESOURCE_NS}" r:id="a1"><r:scope>/a</r:scope>${FACET}</r:resource>`;
      const [violation] = problemOf(() => read(document)).violations;
      expect(violation).to.include({ rule: 'id-qualified', line: 1, column: 67, path: '/r:resource' });
      expect(violation.hint).to.include('id="…"');
      expect(rulesOf(() => read(document))).to.deep.equal(['id-qualified']);
    });
    it('is taken from the address when the document has none', () => {
      const { resource: found } = read(fine.replace(' id="a1"', ''), { id: 'from the address/ü' });
      expect(found.id).to.equal('from the address/ü');
      expect(found.xml).to.include(' id="from the address/ü"');
    });
    it('may not contradict the address', () => {
      expect(rulesOf(() => read(fine, { id: 'a2' }))).to.deep.equal(['id-contradicts']);
      expect(read(fine, { id: 'a1' }).resource.id).to.equal('a1');
    });
    it('is minted when there is none, and only then', () => {
      expect(read(fine.replace(' id="a1"', ''), { mintedId: 'urn:uuid:1' }).resource.id).to.equal('urn:uuid:1');
      expect(read(fine, { mintedId: 'urn:uuid:1' }).resource.id).to.equal('a1');
    });
    it('must be somewhere', () => {
      expect(rulesOf(() => read(fine.replace(' id="a1"', '')))).to.deep.equal(['id-missing']);
    });
    const ids: readonly (readonly [id: string, rule: string | undefined])[] = [
      ['', 'id-blank'],
      [' \t', 'id-blank'],
      ['\u00a0', 'id-blank'],
      ['x'.repeat(1024), undefined],
      ['x'.repeat(1025), 'id-too-long'],
      ['a&#13;&#10;Location: x', 'id-control-character'],
      ['a&#9;b', 'id-control-character'],
      ['a\u0085b', 'id-control-character'],
      ["x' or '1'='1", undefined],
      ['urn:uuid:8d8ac610-566d-4ef0-9c22-186b2a5ed793', undefined],
      ['%2F..%2F/é😀', undefined],
    ];
    for (const [id, rule] of ids) {
      it(`${JSON.stringify(id.slice(0, 40))} is ${rule ?? 'an id'}`, () => {
        const document = fine.replace('id="a1"', `id="${id}"`);
        if (rule === undefined) expect(read(document).resource.id).to.equal(id);
        else expect(rulesOf(() => read(document))).to.deep.equal([rule]);
      });
    }
    it('keeps an outer space, with a notice', () => {
      const { resource: found, notices } = read(fine.replace('id="a1"', 'id=" a1"'));
      expect(found.id).to.equal(' a1');
      expect(notices.map(said)).to.deep.equal(['id-outer-space 1:63 /r:resource']);
    });
    it('of the address is checked as well', () => {
      expect(rulesOf(() => read(fine.replace(' id="a1"', ''), { id: 'a\nb' }))).to.deep.equal(['id-control-character']);
    });
  });

  describe('name', () => {
    const named = (name: string, attributes = '') => resource(`<name${attributes}>${name}</name>${SCOPE}${FACET}`);
    it('is a QName; its prefix stays bound in what is stored', () => {
      const { resource: found } = read(named('n:node', ' xmlns:n="urn:n" xmlns:unused="urn:u"'));
      expect(found.name).to.equal('n:node');
      expect(found.xml).to.include('xmlns:n="urn:n"').and.not.include('urn:u');
    });
    const names: readonly (readonly [name: string, rule: string])[] = [
      ['my node', 'name-not-qname'],
      ['3node', 'name-not-qname'],
      ['a:b:c', 'name-not-qname'],
      [':a', 'name-not-qname'],
      ['a:', 'name-not-qname'],
      ['zz:node', 'name-prefix-unbound'],
      ['xmlns:node', 'name-prefix-unbound'],
      ['  ', 'envelope-blank'],
      ['', 'envelope-blank'],
    ];
    for (const [name, rule] of names) {
      it(`"${name}" is refused: ${rule}`, () => {
        expect(rulesOf(() => read(named(name)))).to.deep.equal([rule]);
      });
    }
    it('says what to do with free text', () => {
      expect(problemOf(() => read(named('my node'))).hint).to.include('description');
    });
    it('may use the prefix xml, which nobody declares', () => {
      expect(read(named('xml:node')).resource.name).to.equal('xml:node');
    });
  });

  describe('name, description and scope', () => {
    it('are trimmed, and inner line breaks become one space', () => {
      const { resource: found } = read(
        resource(`<name>\n n1\t</name><description> two\r\n\t lines\n\nhere </description><scope>\n/a\n</scope>${FACET}`),
      );
      expect(found.name).to.equal('n1');
      expect(found.description).to.equal('two lines here');
      expect(found.scopes).to.deep.equal(['/a']);
      expect(found.xml).to.include('<name>n1</name><description>two lines here</description><scope>/a</scope>');
    });
    it('keep inner spaces and no-break spaces', () => {
      expect(read(resource(`<description>\u00a0a  b\tc </description>${SCOPE}${FACET}`)).resource.description).to.equal('\u00a0a  b\tc');
    });
    for (const part of ['name', 'description', 'scope']) {
      it(`${part} may not be blank`, () => {
        const parts = part === 'scope' ? '<scope> \n</scope>' : `<${part}> \n</${part}>${SCOPE}`;
        expect(rulesOf(() => read(resource(parts + FACET)))).to.deep.equal(['envelope-blank']);
      });
      it(`${part} holds text only`, () => {
        const parts = part === 'scope' ? '<scope x="1">/a<b/></scope>' : `<${part} x="1">n<b><c/></b></${part}>${SCOPE}`;
        expect(rulesOf(() => read(resource(parts + FACET)))).to.deep.equal(['envelope-attribute', 'envelope-element']);
      });
    }
    it('join text around comments and CDATA', () => {
      expect(read(resource(`<scope>/<!-- x -->a<![CDATA[b]]>&#99;</scope>${FACET}`)).resource.scopes).to.deep.equal(['/abc']);
    });
    it('come in the order of the schema', () => {
      expect(rulesOf(() => read(resource(`<description>d</description><name>n</name>${SCOPE}${FACET}`)))).to.deep.equal(['envelope-order']);
      expect(rulesOf(() => read(resource(`${SCOPE}<name>n</name>${FACET}`)))).to.deep.equal(['envelope-order']);
      expect(rulesOf(() => read(resource(`${SCOPE}${FACET}<scope>/b</scope>`)))).to.deep.equal(['envelope-order']);
    });
    it('stand once, name and description', () => {
      expect(rulesOf(() => read(resource(`<name>a</name><name>b</name>${SCOPE}${FACET}`)))).to.deep.equal(['envelope-repeated']);
    });
  });

  describe('scope', () => {
    it('is needed', () => {
      expect(rulesOf(() => read(resource(FACET)))).to.deep.equal(['scope-missing']);
    });
    it('may be given several times, but not twice the same', () => {
      expect(read(resource(`<scope>/a</scope><scope>/a/b</scope>${FACET}`)).resource.scopes).to.deep.equal(['/a', '/a/b']);
      expect(rulesOf(() => read(resource(`<scope>/a</scope><scope> /a </scope>${FACET}`)))).to.deep.equal(['scope-duplicate']);
    });
    for (const scope of ['a', '/', '/a/', '/a//b', '/a b', '/vо1', '/a/../b', '/.', `/${'x'.repeat(1024)}`]) {
      it(`cannot be "${scope.slice(0, 20)}"`, () => {
        expect(rulesOf(() => read(resource(`<scope>${scope}</scope>${FACET}`)))).to.deep.equal(['scope-syntax']);
      });
    }
  });

  describe('facets', () => {
    it('are needed', () => {
      expect(rulesOf(() => read(resource(SCOPE)))).to.deep.equal(['facet-missing']);
    });
    it('are not in the resource namespace', () => {
      expect(rulesOf(() => read(resource(`${SCOPE}<hw/>`)))).to.deep.equal(['facet-in-resource-namespace']);
    });
    it('are in some namespace', () => {
      expect(rulesOf(() => read(resource(`${SCOPE}<hw xmlns=""/>`)))).to.deep.equal(['facet-without-namespace']);
    });
    it('are unique by expanded name, whatever their prefix', () => {
      expect(rulesOf(() => read(resource(`${SCOPE}<f:a xmlns:f="urn:f"/><g:a xmlns:g="urn:f"/>`)))).to.deep.equal(['facet-duplicate']);
      expect(read(resource(`${SCOPE}<f:a xmlns:f="urn:f"/><f:a xmlns:f="urn:g"/>`)).resource.facets).to.have.length(2);
    });
    it('may be empty, or text alone', () => {
      expect(read(resource(`${SCOPE}<f:a xmlns:f="urn:f"/>`)).resource.facets).to.have.length(1);
      expect(read(resource(`${SCOPE}<f:a xmlns:f="urn:f">text</f:a>`)).resource.xml).to.include('<f:a>text</f:a>');
    });
    const inside: readonly (readonly [title: string, xml: string, rules: readonly string[]])[] = [
      ['an attribute', '<f:c x="1"/>', ['facet-attribute']],
      ['every attribute, at any depth', '<f:c x="1"><f:d f:y="2" z="3"/></f:c>', ['facet-attribute', 'facet-attribute', 'facet-attribute']],
      ['xsi:type', '<f:c xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="f:t"/>', ['facet-attribute']],
      ['xsi:nil', '<f:c xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>', ['facet-attribute']],
      ['xml:lang', '<f:c xml:lang="en">x</f:c>', ['facet-attribute']],
      ['text before an element', 'text<f:c/>', ['facet-mixed-content']],
      ['text after an element', '<f:c/>text', ['facet-mixed-content']],
      ['CDATA beside an element', '<f:c/><![CDATA[text]]>', ['facet-mixed-content']],
      ['mixed text, once for each element', 'a<f:c>b<f:d/>c</f:c>d', ['facet-mixed-content', 'facet-mixed-content']],
      ['a comment', '<f:c><!-- c --></f:c>', ['facet-comment']],
      ['a processing instruction', '<f:c/><?p i?>', ['facet-instruction']],
    ];
    for (const [title, xml, rules] of inside) {
      it(`do not contain ${title}`, () => {
        expect(rulesOf(() => read(facet(xml)))).to.deep.equal(rules);
      });
    }
    it('contain CDATA as text', () => {
      expect(read(facet('<f:c><![CDATA[<&>]]>x</f:c>')).resource.xml).to.include('<f:c>&lt;&amp;&gt;x</f:c>');
    });
    it('contain elements of any namespace, and of none', () => {
      expect(read(facet('<g:c xmlns:g="urn:g"/><d xmlns=""/>')).resource.facets).to.have.length(1);
    });
    it('with a hint where schemas lie lose it, with a notice', () => {
      const { resource: found, notices } = read(
        facet('<f:c xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:f file:///etc/passwd"/>'),
      );
      expect(found.xml).to.not.include('passwd');
      expect(notices.map(({ rule }) => rule)).to.deep.equal(['location-hint']);
    });
  });

  describe('the root', () => {
    it('is a resource', () => {
      expect(rulesOf(() => read('<foo/>'))).to.deep.equal(['root-element']);
      expect(problemOf(() => read('<resource id="a"/>')).hint).to.include(RESOURCE_NS);
      expect(problemOf(() => read('<resource xmlns="urn:other" id="a"/>')).hint).to.include('not "urn:other"');
    });
    it('keeps attributes of other namespaces', () => {
      const { resource: found } = read(resource(SCOPE + FACET, ' xmlns:x="urn:x" x:rev="7" xml:lang="en"'));
      expect(found.xml).to.include(' x:rev="7"').and.include(' xml:lang="en"');
    });
    it('has no other attribute of its own', () => {
      expect(rulesOf(() => read(resource(SCOPE + FACET, ' rev="7"')))).to.deep.equal(['root-attribute']);
    });
    it('has no text of its own', () => {
      expect(problemOf(() => read(resource(`${SCOPE}\n  text${FACET}`))).violations.map(said)).to.deep.equal(['root-text 2:3 /r:resource']);
    });
    it('drops comments and processing instructions outside facets', () => {
      const { resource: found } = read(`<!-- a --><?p i?>${resource(`<!-- b --><?p i?>${SCOPE}${FACET}<!-- c -->`)}<!-- d -->`);
      expect(found.xml).to.equal(read(fine).resource.xml);
    });
    it('has namespaces that mean what they say', () => {
      expect(problemOf(() => read(resource(`${SCOPE}<f:a xmlns:f=" urn:f "/>`))).message).to.include('white space');
    });
  });

  it('all violations are reported at once, in the order of the document', () => {
    const document = `<resource xmlns="${RESOURCE_NS}" id="a" rev="1">
  <name>my node</name>
  <scope>nowhere</scope>
  <scope>/a</scope>
  <scope>/a</scope>
  <f:hw xmlns:f="urn:f" unit="x">
    text <f:c/>
    <!-- why -->
  </f:hw>
  <hw/>
</resource>`;
    expect(problemOf(() => read(document)).violations.map(said)).to.deep.equal([
      'root-attribute 1:70 /r:resource',
      'name-not-qname 2:9 /r:resource/r:name[1]',
      'scope-syntax 3:10 /r:resource/r:scope[1]',
      'scope-duplicate 5:10 /r:resource/r:scope[3]',
      'facet-attribute 6:25 /r:resource/f:hw[1]',
      'facet-mixed-content 7:5 /r:resource/f:hw[1]',
      'facet-comment 8:5 /r:resource/f:hw[1]',
      'facet-in-resource-namespace 10:3 /r:resource/r:hw[1]',
    ]);
  });

  it('a document with very many violations lists the first hundred and counts the rest', () => {
    const { violations } = problemOf(() => read(facet('<f:c x="1"/>'.repeat(250))));
    expect(violations).to.have.length(101);
    expect(violations[100]).to.deep.equal({ rule: 'more', message: '150 more violations of the same document are not listed' });
  });
});

describe('Well-formedness', () => {
  const cases: readonly (readonly [title: string, xml: string, place: string, message: RegExp])[] = [
    ['an end tag that does not match', '<a>\n  <b></c></a>', '2:6', /does not match/],
    ['an element that is never closed', '<a>\n <b>', '2:2', /<b> is never closed/],
    ['a cut in a tag', '<a>\n <b', '1:1', /<a> is never closed/],
    ['text after the root', '<a/>x', '1:5', /outside the root/],
    ['a second root', '<a/><b/>', '1:', /root/],
    ['nothing but a comment', '<!-- x -->', '1:', /no element/],
    ['an unknown entity', '<a>&nbsp;</a>', '1:9', /not defined/],
    ['a bare ampersand', '<a>a & b; c</a>', '1:9', /&/],
    ['a reference to no character', '<a>&#xFFFF;</a>', '1:11', /names no character/],
    ['a control character', '<a>\u0001</a>', '1:4', /not allowed/],
    ['an attribute without quotes', '<a b=c/>', '1:', /quote/i],
    ['an attribute twice', '<a b="1" b="2"/>', '1:1', /twice/],
    ['an attribute twice by namespace', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', '1:1', /twice/],
    ['an unbound prefix', '<a>\n<p:b/></a>', '2:1', /"p" is not bound/],
    ['an unbound prefix of an attribute', '<a p:b="1"/>', '1:1', /"p" is not bound/],
    ['a name that begins with a digit after the colon', '<a xmlns:p="u">\n<p:1b/></a>', '2:2', /p:1b/],
    ['an attribute name that does', '<a xmlns:p="u" p:1b=""/>', '1:16', /p:1b/],
    ['< in an attribute', '<a b="<"/>', '1:7', /not allowed/],
    ['XML 1.1', '<?xml version="1.1"?><a/>', '1:1', /1\.1/],
    [']]> in text', '<a>]]></a>', '1:6', /\]\]>/],
  ];
  for (const [title, xml, place, message] of cases) {
    it(`${title}: ${place}`, () => {
      const problem = problemOf(() => read(xml));
      expect(problem.code).to.equal('not-well-formed');
      const [{ line, column, rule, message: words }] = problem.violations;
      expect(rule).to.equal('well-formed');
      expect(`${line}:${column}`).to.match(new RegExp(`^${place}`));
      expect(words).to.match(message);
    });
  }

  it('comes before the rules of the model', () => {
    expect(problemOf(() => read('<foo>&#1;</foo>')).code).to.equal('not-well-formed');
  });
  it('errors count from the beginning of the body a document came in', () => {
    expect(problemOf(() => read('<a>\n<b></a>', { origin: { line: 10, column: 4 } })).violations[0]).to.include({ line: 11, column: 4 });
    expect(problemOf(() => read('<a></b>', { origin: { line: 10, column: 4 } })).violations[0]).to.include({ line: 10, column: 7 });
  });
});

describe('Limits', () => {
  const small = readerOf([], { bytes: 2000, depth: 5, elements: 10 });
  const limits: readonly (readonly [title: string, xml: string, rule: string])[] = [
    ['depth', facet('<f:a><f:b><f:c><f:d/></f:c></f:b></f:a>'), 'limit-depth'],
    ['elements', facet('<f:a/>'.repeat(8)), 'limit-elements'],
    ['depth of what is no resource', '<a><b><c><d><e><f/></e></d></c></b></a>', 'limit-depth'],
    ['attributes', resource(SCOPE + FACET, Array.from({ length: 257 }, (_, k) => ` a${k}=""`).join('')), 'limit-attributes'],
    ['names', facet(`<f:${'a'.repeat(1100)}/>`), 'limit-name'],
    ['namespaces', resource(`${SCOPE}<f:a xmlns:f="${'u'.repeat(3000)}"/>`), 'limit-namespace'],
  ];
  for (const [title, xml, rule] of limits) {
    it(`${title}: limit-exceeded, and which`, () => {
      const reader = /^(?:depth|elements)/.test(title) ? small : read;
      const problem = problemOf(() => reader(xml));
      expect(problem.code).to.equal('limit-exceeded');
      expect(problem.violations.map((violation) => violation.rule)).to.deep.equal([rule]);
      expect(problem.message).to.match(/\d/);
    });
  }
  it('what is at the limit is accepted', () => {
    expect(small(facet('<f:a><f:b><f:c/></f:b></f:a>')).resource.id).to.equal('a1');
    expect(small(facet('<f:a/>'.repeat(7))).resource.id).to.equal('a1');
  });
  it('bytes: document-too-large', () => {
    expect(problemOf(() => small(' '.repeat(2001))).code).to.equal('document-too-large');
  });
  it('bytes of the canonical form, so that what is stored can be sent again', () => {
    expect(problemOf(() => small(facet(`<![CDATA[${'>'.repeat(1000)}]]>`))).code).to.equal('limit-exceeded');
  });
});
