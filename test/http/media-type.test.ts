import { expect } from 'chai';
import { mediaTypeOf, XML_TYPES } from '../../src/http/media-type.js';
import { Problem } from '../../src/model/index.js';

describe('http/media-type', () => {
  const taken = [...XML_TYPES, 'application/xml-seq'];
  for (const [header, type, charset] of [
    ['application/xml', 'application/xml', undefined],
    ['Application/XML', 'application/xml', undefined],
    ['text/xml', 'text/xml', undefined],
    ['application/xml; charset=utf-8', 'application/xml', 'utf-8'],
    ['application/xml ; charset="UTF-16"', 'application/xml', 'utf-16'],
    ['application/xml;version=1;charset=iso-8859-1;', 'application/xml', 'iso-8859-1'],
    ['application/xml-seq', 'application/xml-seq', undefined],
  ] as const) {
    it(`reads ${header}`, () => {
      expect(mediaTypeOf(header, taken)).to.deep.equal(charset === undefined ? { type } : { type, charset });
    });
  }

  for (const header of [
    undefined,
    '',
    'text/html',
    'application/json',
    'multipart/form-data; boundary=x',
    'application/xhtml+xml',
    'application/xml, text/html',
    'application/xml; charset=utf-7',
    'application/xml; charset=utf-8; charset=utf-16',
    'application/xml; charset="utf-8',
    'application/xml charset=utf-8',
    `application/xml; ${'x'.repeat(5000)}`,
  ]) {
    it(`refuses ${String(header).slice(0, 60)}`, () => {
      expect(() => mediaTypeOf(header, taken))
        .to.throw(Problem)
        .with.property('code', 'unsupported-media-type');
    });
  }

  it('takes no time over a header made to confuse it', () => {
    const started = performance.now();
    for (const trap of [';  '.repeat(300), '; a=b'.repeat(150), ' '.repeat(900), '; a="\\"'.repeat(120)]) {
      expect(() => mediaTypeOf(`application/xml${trap}"`, taken)).to.throw(Problem);
    }
    expect(performance.now() - started).to.be.below(100);
  });
});
