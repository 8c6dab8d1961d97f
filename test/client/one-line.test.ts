import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { expect } from 'chai';
import fc from 'fast-check';
import { oneLine, placeOf } from '../../src/client/one-line.js';

describe('A document on one line', () => {
  const cases: readonly (readonly [what: string, document: string, line: string])[] = [
    ['keeps what has no line breaks', '<a b="c">d</a>', '<a b="c">d</a>'],
    ['loses its declaration and what stands before', '\uFEFF<?xml version="1.0" encoding="UTF-16"?>\n\n<a/>', '<a/>'],
    ['keeps line breaks in text', '<a>one\ntwo\r\nthree\rfour</a>', '<a>one&#10;two&#10;three&#10;four</a>'],
    ['turns those in tags and attributes into spaces', '<a\n  b="1\n2"\n>x</a\n>', '<a   b="1 2" >x</a >'],
    ['is not misled by > in attributes', `<a b=">\n" c='<\n'>\n</a>`, `<a b="> " c='< '>&#10;</a>`],
    ['keeps those in CDATA', '<a><![CDATA[x\n<y>\n]]></a>', '<a><![CDATA[x]]>&#10;<![CDATA[<y>]]>&#10;<![CDATA[]]></a>'],
    ['has spaces in comments and instructions', '<a><!-- x\n> y --><?p x\n> y?></a>', '<a><!-- x > y --><?p x > y?></a>'],
    ['has no references outside the root', '<!-- c -->\n<a>\n<b/>\n</a>\n<!-- d -->\n', '<!-- c --> <a>&#10;<b/>&#10;</a> <!-- d --> '],
    ['is as broken as the document', '<a>\n<b', '<a>&#10;<b'],
  ];
  for (const [what, document, line] of cases) it(what, () => expect(oneLine(document).text).to.equal(line));

  it('means the same as the document', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r\n', ' ', '&lt;', '"', "'", '>'), maxLength: 12 });
    const attribute = text.map((value) => value.replaceAll('"', '&quot;'));
    const part = fc.oneof(
      text.map((value) => value.replaceAll(']]>', '')),
      text.map((value) => `<!--${value.replaceAll('-', '')}-->`),
      text.map((value) => `<![CDATA[${value}]]>`),
      text.map((value) => `<?p ${value}?>`),
    );
    const element: fc.Arbitrary<string> = fc.letrec<{ element: string }>((tie) => ({
      element: fc
        .tuple(attribute, fc.array(fc.oneof({ maxDepth: 3 }, part, tie('element')), { maxLength: 4 }))
        .map(([value, parts]) => `<e\na="${value}">${parts.join('')}</e\n>`),
    })).element;
    fc.assert(
      fc.property(element, (xml) => {
        const { text: line } = oneLine(`<?xml version="1.0"?>\n${xml}\n`);
        expect(line).not.to.match(/[\r\n]/);
        expect(canonical(line)).to.equal(canonical(xml));
      }),
      { numRuns: 300 },
    );
  });

  it('tells where each of its characters came from', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<a>', '</a>', 'x', '😀', '\n', '\r\n', '<![CDATA[', ']]>', ' '), { maxLength: 30 }),
        (parts) => {
          const document = `<r>${parts.join('')}</r>`;
          const line = oneLine(document);
          [...line.text].forEach((point, k) => {
            const [there] = document.slice(line.origin(k + 1));
            // what stands instead of a line break points at it
            if (there === '\r' || there === '\n') expect('&#10;]]><![CDATA[ ').to.include(point);
            else expect([...document.slice(line.origin(k + 1))][0]).to.equal(point);
          });
        },
      ),
      { numRuns: 300 },
    );
    expect(placeOf('ab\r\ncd\n😀f', 8)).to.deep.equal({ line: 3, column: 2 });
  });
});

/** Text and CDATA joined, comments and instructions with plain spaces: what a reader of facets sees. */
function canonical(xml: string): string {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  const text = new XMLSerializer().serializeToString(document);
  return text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, inside: string) =>
      inside.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    )
    .replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, (note) => note.replace(/\s+/g, ' '))
    .replaceAll('>', '&gt;')
    .replaceAll('&#10;', '\n')
    .replace(/\r\n?/g, '\n')
    .replace(/a="[^"]*"/g, (attribute) => attribute.replace(/\s/g, ' '))
    .trim();
}
