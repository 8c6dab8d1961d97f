import { expect } from 'chai';
import { ask } from './ask.js';

/** The recommendation's picture: nodes numbered in document order; every axis from every kind of node. */
const XML = `<a xmlns:p="urn:p" x="1"><b y="2">t<c/><!--n--></b><?pi d?><d z="3"><e>u</e><e/></d><f>v</f></a>`;

const A = '/*[1]';
const B = `${A}/*[1]`;
const D = `${A}/*[2]`;
const F = `${A}/*[3]`;

const TABLE: readonly [at: string, xpath: string, nodes: readonly string[]][] = [
  [D, 'self::d', [D]],
  [D, 'child::node()', [`${D}/*[1]`, `${D}/*[2]`]],
  [D, 'parent::node()', [A]],
  [D, 'ancestor::node()', ['/', A]],
  [D, 'ancestor-or-self::*', [A, D]],
  [D, 'attribute::*', [`${D}/@z`]],
  [D, 'namespace::*', [`${D}/namespace::xml`, `${D}/namespace::p`]],
  [D, 'descendant::node()', [`${D}/*[1]`, `${D}/*[1]/text()[1]`, `${D}/*[2]`]],
  [D, 'descendant-or-self::*', [D, `${D}/*[1]`, `${D}/*[2]`]],
  [D, 'following::node()', [F, `${F}/text()[1]`]],
  [D, 'following-sibling::*', [F]],
  [D, 'preceding::node()', [B, `${B}/text()[1]`, `${B}/*[1]`, `${B}/comment()[1]`, `${A}/processing-instruction()[1]`]],
  [D, 'preceding-sibling::node()', [B, `${A}/processing-instruction()[1]`]],
  // positions run along the axis, answers come in document order
  [D, 'preceding::node()[1]', [`${A}/processing-instruction()[1]`]],
  [D, 'ancestor::node()[1]', [A]],
  [F, 'preceding-sibling::*[2]', [B]],
  [F, '(preceding-sibling::*)[2]', [D]],
  [D, 'e[2]/preceding-sibling::e', [`${D}/*[1]`]],
  // an attribute stands before the children of its element
  [`${D}/@z`, 'following::*', [`${D}/*[1]`, `${D}/*[2]`, F]],
  [`${D}/@z`, 'preceding::*', [B, `${B}/*[1]`]],
  [`${D}/@z`, 'parent::*', [D]],
  [`${D}/@z`, 'ancestor::*', [A, D]],
  [`${D}/@z`, 'self::node()', [`${D}/@z`]],
  [`${D}/@z`, 'self::*', []],
  [`${D}/@z`, 'descendant-or-self::node()', [`${D}/@z`]],
  [`${D}/@z`, 'following-sibling::node()', []],
  [`${D}/@z`, 'preceding-sibling::node()', []],
  [`${D}/@z`, 'child::node()', []],
  // the only text of a leaf has no row of its own
  [`${F}/text()[1]`, 'parent::*', [F]],
  [`${F}/text()[1]`, 'preceding::e', [`${D}/*[1]`, `${D}/*[2]`]],
  [`${F}/text()[1]`, 'following::node()', []],
  [`${F}/text()[1]`, 'self::text()', [`${F}/text()[1]`]],
  [`${F}/text()[1]`, 'preceding-sibling::node()', []],
  [`${D}/*[1]/text()[1]`, 'following::node()', [`${D}/*[2]`, F, `${F}/text()[1]`]],
  [`${B}/text()[1]`, 'following-sibling::node()', [`${B}/*[1]`, `${B}/comment()[1]`]],
  [`${D}/namespace::p`, 'parent::*', [D]],
  [`${D}/namespace::p`, 'following::*', [`${D}/*[1]`, `${D}/*[2]`, F]],
  [`${D}/namespace::p`, 'preceding::*', [B, `${B}/*[1]`]],
  ['/', 'child::node()', [A]],
  ['/', 'descendant::text()', [`${B}/text()[1]`, `${D}/*[1]/text()[1]`, `${F}/text()[1]`]],
  ['/', 'following::node()', []],
  ['/', 'ancestor-or-self::node()', ['/']],
  ['/', '//@*', [`${A}/@x`, `${B}/@y`, `${D}/@z`]],
  ['/', '//e/../@z', [`${D}/@z`]],
  ['/', '//e/following::text()', [`${F}/text()[1]`]],
  ['/', '//*[self::b or self::f]', [B, F]],
  [
    '/',
    '//node()[not(self::*)][last()]',
    [`${B}/comment()[1]`, `${A}/processing-instruction()[1]`, `${D}/*[1]/text()[1]`, `${F}/text()[1]`],
  ],
  ['/', "//processing-instruction('pi')", [`${A}/processing-instruction()[1]`]],
  ['/', '//comment()', [`${B}/comment()[1]`]],
  // namespace nodes stand between their element and its attributes
  ['/', '/a/@x | /a/namespace::* | /a', [A, `${A}/namespace::xml`, `${A}/namespace::p`, `${A}/@x`]],
];

describe('axes', () => {
  for (const [at, xpath, nodes] of TABLE) {
    it(`${xpath} from ${at}`, () => {
      expect(ask(XML, xpath, { at })).to.deep.equal(nodes);
    });
  }
});
