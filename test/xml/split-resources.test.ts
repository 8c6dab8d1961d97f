import { expect } from 'chai';
import fc from 'fast-check';
import { Problem, RESOURCE_NS } from '../../src/model/index.js';
import { type Piece, type SplitOptions, splitResources } from '../../src/xml/index.js';
import { readerOf, said } from './support.js';

/** The body in chunks of `size` bytes. */
async function* chunks(body: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function split(body: string | Uint8Array, form: 'resources' | 'lines', size = 7, options: SplitOptions = {}): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  for await (const piece of splitResources(chunks(bytes, size), form, options))
    pieces.push({ ...piece, bytes: Uint8Array.from(piece.bytes) });
  return pieces;
}

const texts = (pieces: readonly Piece[]) => pieces.map(({ bytes }) => Buffer.from(bytes).toString());
async function refusal(body: string | Uint8Array, form: 'resources' | 'lines' = 'resources'): Promise<Problem> {
  try {
    await split(body, form);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('Splitting a body into documents', () => {
  for (const size of [1, 3, 64, 100_000]) {
    describe(`in chunks of ${size}`, () => {
      it('one document a line; blank lines are skipped, the last needs no line feed', async () => {
        const pieces = await split('<a/>\n\n  \r\n<b>é</b>\r\n<c/>', 'lines', size);
        expect(texts(pieces)).to.deep.equal(['<a/>', '<b>é</b>\r', '<c/>']);
        expect(pieces.map(({ index, origin }) => [index, origin?.line])).to.deep.equal([
          [0, 1],
          [1, 4],
          [2, 5],
        ]);
      });

      it('the children of <resources>, whatever stands between and inside them', async () => {
        const body = `<?xml version="1.0"?>\n<!-- <a> --><resources>\n  <a/><b x="/>" y='<!'><!-- </b> --><![CDATA[</b>]]><b></b ></b>\n<?p <c> ?><c\n/></resources>\n<!-- end -->`;
        const pieces = await split(body.replace(`y='<!'`, `y='!'`), 'resources', size);
        expect(texts(pieces)).to.deep.equal(['<a/>', `<b x="/>" y='!'><!-- </b> --><![CDATA[</b>]]><b></b ></b>`, '<c\n/>']);
        expect(pieces.map(({ origin }) => [origin?.line, origin?.column])).to.deep.equal([
          [3, 3],
          [3, 7],
          [4, 11],
        ]);
      });

      it('a document that is too large becomes a piece with the problem, and the next is found', async () => {
        const big = `<b>${'<i>x</i>'.repeat(200)}</b>`;
        for (const [form, body] of [
          ['lines', `<a/>\n${big}\n<c/>\n`],
          ['resources', `<resources><a/>\n${big}\n<c/></resources>`],
        ] as const) {
          const pieces = await split(body, form, size, { bytes: 500 });
          expect(
            pieces.map(({ problem }) => problem?.code),
            form,
          ).to.deep.equal([undefined, 'document-too-large', undefined]);
          expect(texts(pieces)[2]).to.equal('<c/>');
          expect(pieces[2].origin?.line).to.equal(3);
          expect(pieces[1].problem?.violations[0].line).to.equal(2);
        }
      });
    });
  }

  it('declarations of the wrapper hold for the documents', async () => {
    const body = `<resources xmlns="${RESOURCE_NS}" xmlns:f='urn:f'><resource id="a"><scope>/a</scope><f:x/></resource></resources>`;
    const [{ bytes, namespaces }] = await split(body, 'resources');
    expect(namespaces).to.deep.equal({ '': RESOURCE_NS, f: 'urn:f' });
    expect(readerOf()(bytes, { namespaces }).resource.xml).to.equal(
      `<resource xmlns="${RESOURCE_NS}" xmlns:f="urn:f" id="a"><scope>/a</scope><f:x/></resource>`,
    );
  });

  it('places count in the whole body', async () => {
    const body = `<resources xmlns:f="urn:f">\n\n  <resource xmlns="${RESOURCE_NS}" id="a">\n<name>x y</name><scope>/a</scope><f:x y=""/></resource></resources>`;
    const [{ bytes, origin, namespaces }] = await split(body, 'resources');
    const read = () => readerOf()(bytes, { origin, namespaces });
    expect(read)
      .to.throw(Problem)
      .with.property('violations')
      .that.satisfies((violations: Problem['violations']) => {
        expect(violations.map(said)).to.deep.equal(['name-not-qname 4:7 /r:resource/r:name[1]', 'facet-attribute 4:39 /r:resource/f:x[1]']);
        return true;
      });
  });

  const encodings: readonly (readonly [title: string, body: Uint8Array])[] = [
    ['UTF-8 with a mark', Buffer.from('\uFEFF<resources><a>é😀</a></resources>')],
    ['UTF-16LE', Buffer.from('\uFEFF<resources><a>é😀</a></resources>', 'utf16le')],
    ['UTF-16BE', Buffer.from('\uFEFF<resources><a>é😀</a></resources>', 'utf16le').swap16()],
    ['ISO-8859-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><resources><a>é</a></resources>', 'latin1')],
  ];
  for (const [title, body] of encodings) {
    it(`hands the documents over in UTF-8: ${title}`, async () => {
      for (const size of [1, 5, 10_000]) expect(texts(await split(body, 'resources', size))[0]).to.match(/^<a>é(?:😀)?<\/a>$/);
    });
  }

  it('nothing in the wrapper is nothing', async () => {
    expect(await split('<resources/>', 'resources')).to.deep.equal([]);
    expect(await split('<resources xmlns="urn:x">\n</resources>', 'resources')).to.deep.equal([]);
    expect(await split('\n \n', 'lines')).to.deep.equal([]);
  });

  const refused: readonly (readonly [title: string, body: string, code: string, place?: string])[] = [
    ['an empty body', '', 'empty-body'],
    ['a single resource', `<resource xmlns="${RESOURCE_NS}"/>`, 'bad-request'],
    ['text between the documents', '<resources>\n <a/> x <b/></resources>', 'bad-request', '2:7'],
    ['CDATA between the documents', '<resources><![CDATA[x]]></resources>', 'bad-request'],
    ['a DOCTYPE', '<!DOCTYPE r><resources/>', 'doctype-refused'],
    ['a body that is cut off', '<resources><a/><b>', 'not-well-formed'],
    ['a body that is cut off in a tag', '<resources><a/><b', 'not-well-formed'],
    ['a wrapper that is never closed', '<resources><a/>', 'not-well-formed'],
    ['a second root', '<resources/><resources/>', 'not-well-formed'],
    ['another end tag', '<resources></resource>', 'not-well-formed', '1:12'],
    ['an end tag before', '</resources>', 'not-well-formed'],
    ['a declaration in the middle', '<resources><?xml version="1.0"?></resources>', 'not-well-formed'],
    ['unbound prefixes on the wrapper', '<resources a:b=""/>', 'not-well-formed'],
    ['an unknown encoding', '<?xml version="1.0" encoding="EBCDIC"?><resources/>', 'encoding-refused'],
  ];
  for (const [title, body, code, place] of refused) {
    it(`refuses ${title}: ${code}`, async () => {
      const problem = await refusal(body);
      expect(problem.code).to.equal(code);
      if (place !== undefined) expect(said(problem.violations[0])).to.include(` ${place}`);
    });
  }

  it('markup without end does not fill the memory', async () => {
    async function* endless(): AsyncIterable<Uint8Array> {
      yield Buffer.from('<resources><!-- ');
      for (;;) yield Buffer.alloc(1 << 16, 'x');
    }
    const iterate = async () => {
      for await (const _ of splitResources(endless(), 'resources', { bytes: 1 << 20 }));
    };
    let problem: unknown;
    await iterate().catch((error) => {
      problem = error;
    });
    expect(problem).to.be.instanceOf(Problem).with.property('code', 'document-too-large');
  });

  it('finds the same documents whatever the chunks are (property)', async () => {
    const piece = fc.constantFrom('<a/>', '<b>x</b>', '<c d="&gt;>"><e/></c>', '<f><!-- </f> --></f>', '<g><![CDATA[<]]></g>', '<h>😀</h>');
    const space = fc.constantFrom('', '\n', ' ', '<!-- - -->', '\r\n', '<?p ?>');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(piece, space), { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (parts, size) => {
        const body = `<resources>${parts.map(([one, after]) => one + after).join('')}</resources>`;
        const found = await split(body, 'resources', size);
        expect(texts(found)).to.deep.equal(parts.map(([one]) => one));
        const whole = await split(body, 'resources', 1 << 20);
        expect(found.map(({ origin }) => origin)).to.deep.equal(whole.map(({ origin }) => origin));
      }),
      { numRuns: 200 },
    );
  });
});
