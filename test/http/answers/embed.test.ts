import { DOMParser, type Element } from '@xmldom/xmldom';
import { expect } from 'chai';
import { embed, embedBytes } from '../../../src/http/answers/embed.js';
import { ANSWER_NS } from '../../../src/model/index.js';

const inAnswer = (xml: string): Element => {
  const document = new DOMParser().parseFromString(
    `<results xmlns="${ANSWER_NS}">${embed('item', { resource: 'a' }, xml)}</results>`,
    'application/xml',
  );
  return document.documentElement?.firstChild as Element;
};

describe('http/answers/embed', () => {
  for (const [xml, name, guarded] of [
    ['<resource xmlns="urn:r"><scope/></resource>', '{urn:r}resource', false],
    ['<f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>', '{urn:f}hw', false],
    ['<f:hw xmlns:f="urn:f">text &lt;cpu></f:hw>', '{urn:f}hw', false],
    ['<f:hw xmlns:f="urn:f"><cpu>4</cpu></f:hw>', '{urn:f}hw', true],
    ['<cpu>4</cpu>', '{}cpu', true],
    ['<r:resource xmlns:r="urn:r" a=">"><r:scope/><x/></r:resource>', '{urn:r}resource', true],
    // bytes of these letters taken for characters: a space that breaks off is among them
    ['<f:à xmlns:f="urn:f"><f:à>à</f:à><à>€</à></f:à>', '{urn:f}à', true],
    ['<é><cpu>ü</cpu></é>', '{}é', true],
  ] as const) {
    it(`${xml} keeps its names`, () => {
      const item = inAnswer(xml);
      expect(`{${item.namespaceURI}}${item.localName}`).to.equal(`{${ANSWER_NS}}item`);
      expect(item.getAttribute('resource')).to.equal('a');
      const inner = item.firstChild as Element;
      expect(`{${inner.namespaceURI ?? ''}}${inner.localName}`).to.equal(name);
      for (const below of Array.from(inner.getElementsByTagName('cpu'))) expect(below.namespaceURI ?? '').to.equal('');
      expect(embed('item', { resource: 'a' }, xml)).to.include(xml);
      expect(embed('item', { resource: 'a' }, xml).startsWith('<a:item')).to.equal(guarded);
      const parts = embedBytes('item', { resource: 'a' }, Buffer.from(xml)).map((part) => Buffer.from(part));
      expect(Buffer.concat(parts).toString()).to.equal(embed('item', { resource: 'a' }, xml));
    });
  }
});
