import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Problem } from '../../src/model/index.js';
import { type DocumentSink, readDocument } from '../../src/xml/read-document.js';

const XML = 'http://www.w3.org/XML/1998/namespace';

/** Everything the reader says, one line a call. */
function told(source: string | Uint8Array): string[] {
  const lines: string[] = [];
  const say =
    (what: string) =>
    (...args: unknown[]) =>
      void lines.push([what, ...args.map((arg) => JSON.stringify(arg))].join(' '));
  const sink: DocumentSink = {
    startElement: say('start'),
    declaration: say('declaration'),
    attribute: say('attribute'),
    text: say('text'),
    comment: say('comment'),
    instruction: say('instruction'),
    endElement: say('end'),
  };
  readDocument(source, sink);
  return lines;
}

function refused(source: string | Uint8Array): Problem {
  try {
    told(source);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('reading a plain document', () => {
  it('tells every kind of node in document order', () => {
    const source = '<?t a b?><!--c--><r xmlns:p="urn:p" p:x="1" y=""><p:e xmlns="urn:d"/>text<!--d--><?u?></r><!--e-->';
    expect(told(source)).to.deep.equal([
      'instruction "t" "a b"',
      'comment "c"',
      'start "" "" "r"',
      'declaration "p" "urn:p"',
      'attribute "urn:p" "p" "x" "1" false',
      'attribute "" "" "y" "" false',
      'start "urn:p" "p" "e"',
      'declaration "" "urn:d"',
      'end',
      'text "text"',
      'comment "d"',
      'instruction "u" ""',
      'end',
      'comment "e"',
    ]);
  });

  it('keeps white space, takes CDATA as text and joins what touches', () => {
    expect(told('<r> a<![CDATA[<&]]>&amp;b&#10;</r>')).to.deep.equal(['start "" "" "r"', 'text " a<&&b\\n"', 'end']);
    expect(told('<r><![CDATA[]]></r>')).to.deep.equal(['start "" "" "r"', 'end']);
  });

  it('expands internal entities, markup included', () => {
    const source = '<!DOCTYPE r [<!ENTITY e "x<b>y</b>z"><!ENTITY f "&e;!">]><r a="&#38;">1&f;2</r>';
    expect(told(source)).to.deep.equal([
      'start "" "" "r"',
      'attribute "" "" "a" "&" false',
      'text "1x"',
      'start "" "" "b"',
      'text "y"',
      'end',
      'text "z!2"',
      'end',
    ]);
  });

  it('adds default attributes and normalises by type', () => {
    const source = '<!DOCTYPE r [<!ATTLIST r d CDATA "def" xmlns:p CDATA #FIXED "urn:p" n NMTOKENS #IMPLIED>]><r n="  a   b " c="  a "/>';
    expect(told(source)).to.deep.equal([
      'start "" "" "r"',
      'declaration "p" "urn:p"',
      'attribute "" "" "n" "a b" false',
      'attribute "" "" "c" "  a " false',
      'attribute "" "" "d" "def" false',
      'end',
    ]);
  });

  it('knows IDs from the internal subset and xml:id, and only the first of a value', () => {
    const source =
      '<!DOCTYPE r [<!ATTLIST e k ID #IMPLIED r IDREF #IMPLIED>]><r k="0"><e r="2" k="1"/><e k=" 2 "/><e k="1"/><f xml:id="3" k="4"/></r>';
    expect(told(source).filter((line) => line.endsWith('true'))).to.deep.equal([
      'attribute "" "" "k" "1" true',
      'attribute "" "" "k" "2" true',
      `attribute "${XML}" "xml" "id" "3" true`,
    ]);
  });

  it('reads undeclaring, the xml prefix and odd namespace names', () => {
    expect(told('<a xmlns="u"><b xmlns="" xml:lang="de"/></a>')).to.deep.equal([
      'start "u" "" "a"',
      'declaration "" "u"',
      'start "" "" "b"',
      'declaration "" ""',
      `attribute "${XML}" "xml" "lang" "de" false`,
      'end',
      'end',
    ]);
    expect(told('<a xmlns:p="not a uri"/>')).to.include('declaration "p" "not a uri"');
  });

  it('leaves an undeclared prefix in the name', () => {
    expect(told('<a><?p:t 1?></a>')).to.include('instruction "p:t" "1"');
    expect(told('<x:a y:b="1"/>')).to.deep.equal(['start "" "" "x:a"', 'attribute "" "" "y:b" "1" false', 'end']);
  });

  it('reads bytes by their encoding and text as it is', () => {
    const element = '<a>é€</a>';
    expect(told(Buffer.from(`\uFEFF${element}`, 'utf16le'))).to.include('text "é€"');
    expect(told(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>', 'latin1'))).to.include('text "é"');
    expect(told(`\uFEFF<?xml version="1.0" encoding="ISO-8859-1"?>${element}`)).to.include('text "é€"');
    expect(told('<a>\u{1F600}</a>')).to.include('text "\u{1F600}"');
  });

  it('opens no file for an external entity or subset', () => {
    const file = new URL(import.meta.url).href;
    expect(told(`<!DOCTYPE a [<!ENTITY e SYSTEM "${file}">]><a>t&e;u</a>`)).to.include('text "tu"');
    expect(told(`<!DOCTYPE a SYSTEM "${file}"><a/>`)).to.deep.equal(['start "" "" "a"', 'end']);
    expect(told(`<!DOCTYPE a [<!ENTITY % p SYSTEM "${file}">%p;]><a/>`)).to.deep.equal(['start "" "" "a"', 'end']);
  });

  it('leaves out references to what an unread external subset may declare, and to nothing else', () => {
    expect(told('<!DOCTYPE a SYSTEM "a.dtd"><a>x&nbsp;y</a>')).to.deep.equal(['start "" "" "a"', 'text "xy"', 'end']);
    expect(refused('<?xml version="1.0" standalone="yes"?><!DOCTYPE a SYSTEM "a.dtd"><a>x&nbsp;y</a>').message).to.contain("Entity 'nbsp'");
    expect(refused('<!DOCTYPE a [<!ENTITY b "">]><a>x&nbsp;y</a>').message).to.contain("Entity 'nbsp'");
  });

  it('bounds what entities can grow to, and depth', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY e0 "${'x'.repeat(100)}">${Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')}]><a>&e12;</a>`;
    expect(refused(bomb).code).to.equal('limit-exceeded');
    const deep = refused('<a>'.repeat(300) + '</a>'.repeat(300));
    expect(deep.code).to.equal('limit-exceeded');
    expect(deep.message).to.not.contain('XML_PARSE');
    expect(told('<a>'.repeat(250) + '</a>'.repeat(250))).to.have.length(500);
  });

  for (const [source, message, line, column] of [
    ['<a>\n  <b></a>', 'Opening and ending tag mismatch', 2, 10],
    ['<a>&nope;</a>', "Entity 'nope' not defined", 1, 10],
    ['<a x="1" x="2"/>', 'Attribute x redefined', 1, 15],
    ['<a/><b/>', 'Extra content at the end of the document', 1, 5],
    ['<a xmlns:p="u" xmlns:q="u" p:x="" q:x=""/>', "Namespaced Attribute x in 'u' redefined", 1, 41],
    ['<a xmlns:p=""/>', 'Empty XML namespace is not allowed', 1, 14],
  ] as const) {
    it(`refuses ${source.replace('\n', ' ')}`, () => {
      const problem = refused(source);
      expect(problem.code).to.equal('not-well-formed');
      expect(problem.message).to.contain(message);
      expect(problem.violations[0]).to.include({ line, column });
    });
  }

  it('refuses nothing, NUL and lone surrogates, which libxml2 would not see', () => {
    for (const source of ['', new Uint8Array(), '<a>\0</a>', '<a>\uD800</a>']) expect(refused(source).code).to.equal('not-well-formed');
    expect(refused('<a>\0</a>').message).to.contain('offset 3');
  });

  it('reads or refuses every hostile document, and does not take long', function () {
    const folder = '../shared/hostile';
    if (!existsSync(folder)) {
      if (process.env.CI === 'true') throw new Error(`${folder} is missing`);
      console.log(`      skipped: ${folder} does not lie beside the repository`);
      this.skip();
    }
    const files = readdirSync(folder).filter((file) => file.endsWith('.xml'));
    expect(files).to.not.have.length(0);
    for (const file of files) {
      const start = performance.now();
      try {
        const characters = told(readFileSync(`${folder}/${file}`)).join('').length;
        expect(characters, file).to.be.below(20_000_000);
      } catch (error) {
        expect(error, file).to.be.instanceOf(Problem);
      }
      expect(performance.now() - start, `${file}, ms`).to.be.below(2_000);
    }
  });
});
