import { DOMParser } from '@xmldom/xmldom';
import { expect } from 'chai';
import fc from 'fast-check';
import { attribute, element, text } from '../../src/http/xml-text.js';

const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

describe('http/xml-text', () => {
  it('any string comes back from a parser as it was, save for characters that XML does not have', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1e9);
    const strings = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('&', '<', '>', '"', "'", '\r', '\n', '\t', ']', '\u0000', '\uFFFF', 'a') }),
    );
    fc.assert(
      fc.property(strings, (value) => {
        const xml = element('e', { a: value }, text(value));
        const root = new DOMParser({ onError: () => undefined }).parseFromString(xml, 'application/xml').documentElement;
        const expected = value.replace(ILLEGAL, '\uFFFD');
        expect(root?.textContent).to.equal(expected);
        expect(root?.getAttribute('a')).to.equal(expected);
      }),
      { seed },
    );
  });

  it('leaves attributes out that are undefined', () =>
    expect(element('e', { a: undefined, b: 0, c: false })).to.equal('<e b="0" c="false"/>'));
  it('touches nothing that needs no escape', () => expect(attribute("plain 'text' /:;=?")).to.equal("plain 'text' /:;=?"));
});
