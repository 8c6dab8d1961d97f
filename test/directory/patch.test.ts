/** XML patches, with the selectors evaluated by our own engine: the examples of RFC 5261, the cases of other implementations, and ours. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { selectNode } from '../../src/directory/select-node.js';
import { Problem } from '../../src/model/index.js';
import { applyPatch } from '../../src/xml/index.js';
import { readPatchTree } from '../../src/xml/patch/tree.js';
import { writePatchTree } from '../../src/xml/patch/write.js';
import { bytes } from './open-test-directory.js';

const SHARED = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared');
const CASES = join(SHARED, 'rfc5261-cases.json');

interface Case {
  readonly source: string;
  readonly name: string;
  readonly target: string;
  readonly patch: string;
  readonly expected: string | null;
  readonly error: string | null;
  readonly standard: boolean;
}

const patched = (document: string, patch: string) => applyPatch(document, bytes(patch), selectNode);

/** Layout apart: what the tree says, without texts of white space alone, others trimmed, attributes and declarations in order. */
function meaning(xml: string): unknown {
  const tree = readPatchTree(xml);
  const of = (node: (typeof tree.children)[number]): unknown => {
    if (node.kind === 'text') return node.value.trim() === '' ? [] : [node.value.trim()];
    if (node.kind === 'comment') return [{ comment: node.value }];
    if (node.kind === 'instruction') return [{ target: node.target, value: node.value }];
    const { prefix, ns, local } = node;
    const attributes = node.attributes.map((one) => `{${one.ns}}${one.local}=${one.value}`).sort();
    return [{ prefix, ns, local, attributes, declarations: [...node.declarations].sort(), children: node.children.flatMap(of) }];
  };
  return tree.children.flatMap(of);
}

function errorOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.code === 'invalid-patch' ? error.violations[0]?.rule : error.code;
  }
}

describe('An XML patch', () => {
  describe('as RFC 5261 and other implementations have it', () => {
    if (!existsSync(CASES)) {
      it('(skipped: ../shared/rfc5261-cases.json is not there)', function () {
        if (process.env.CI === 'true') throw new Error(`${CASES} is missing`);
        this.skip();
      });
      return;
    }
    const { cases } = JSON.parse(readFileSync(CASES, 'utf8')) as { readonly cases: readonly Case[] };
    for (const { name, source, target, patch, expected, error, standard } of cases) {
      it(`${name} (${source.split(' ')[0]})`, () => {
        if (!standard) {
          // msel is an extension of that implementation
          expect(errorOf(() => patched(target, patch))).to.equal('invalid-diff-format');
        } else if (error !== null) {
          expect(errorOf(() => patched(target, patch))).to.equal(error.toLowerCase().replaceAll('_', '-'));
        } else {
          expect(meaning(patched(target, patch))).to.deep.equal(meaning(expected as string));
        }
      });
    }
  });

  const DOC = '<r xmlns="urn:r" xmlns:f="urn:f"><f:hw><f:cpu>4</f:cpu><f:cpu>8</f:cpu></f:hw></r>';
  const good: readonly (readonly [what: string, patch: string, expected: string])[] = [
    ['selects by prefixes of its own', '<diff xmlns:x="urn:f"><remove sel="//x:cpu[2]"/></diff>', DOC.replace('<f:cpu>8</f:cpu>', '')],
    [
      'selects unprefixed names in its default namespace',
      '<d:diff xmlns:d="urn:d" xmlns="urn:r" xmlns:f="urn:f"><d:remove sel="r/f:hw/f:cpu[1]"/></d:diff>',
      DOC.replace('<f:cpu>4</f:cpu>', ''),
    ],
    [
      'adds after',
      '<diff xmlns:f="urn:f"><add sel="//f:cpu[1]" pos="after"><f:ram>1</f:ram></add></diff>',
      DOC.replace('</f:cpu><f:cpu>8', '</f:cpu><f:ram>1</f:ram><f:cpu>8'),
    ],
    [
      'writes names with the document’s prefixes',
      '<diff xmlns:q="urn:f"><add sel="*/q:hw"><q:ram>1</q:ram></add></diff>',
      DOC.replace('</f:hw>', '<f:ram>1</f:ram></f:hw>'),
    ],
    [
      'declares what the document has no prefix for',
      '<diff xmlns:g="urn:g"><add sel="*"><g:x/></add></diff>',
      DOC.replace('</r>', '<g:x xmlns:g="urn:g"/></r>'),
    ],
    ['keeps what has no namespace without one', '<diff><add sel="*"><x/></add></diff>', DOC.replace('</r>', '<x xmlns=""/></r>')],
    [
      'sees what the operation before has done',
      '<diff xmlns:f="urn:f"><remove sel="//f:cpu[1]"/><replace sel="//f:cpu[1]/text()">16</replace></diff>',
      DOC.replace('<f:cpu>4</f:cpu>', '').replace('8', '16'),
    ],
    [
      'adds an attribute of a namespace',
      '<diff xmlns:q="urn:f"><add sel="*" type="@q:a">1</add></diff>',
      DOC.replace('xmlns:f="urn:f">', 'xmlns:f="urn:f" f:a="1">'),
    ],
    ['without operations changes nothing', '<diff/>', DOC],
  ];
  for (const [what, patch, expected] of good) it(what, () => expect(patched(DOC, patch)).to.equal(expected));

  const bad: readonly (readonly [what: string, patch: string, error: string])[] = [
    ['nothing selected', '<diff><remove sel="//none"/></diff>', 'unlocated-node'],
    ['two nodes selected', '<diff xmlns:f="urn:f"><remove sel="//f:cpu"/></diff>', 'unlocated-node'],
    ['a number selected', '<diff><remove sel="1 + 1"/></diff>', 'unlocated-node'],
    ['no sel', '<diff><remove/></diff>', 'invalid-attribute-value'],
    ['a sel that is no XPath', '<diff><remove sel="//["/></diff>', 'invalid-xpath'],
    ['an unbound prefix', '<diff><remove sel="//zz:x"/></diff>', 'invalid-xpath'],
    ['another root', '<patch/>', 'invalid-diff-format'],
    ['another operation', '<diff><move sel="*"/></diff>', 'invalid-diff-format'],
    ['an operation of another namespace', '<diff><x:add xmlns:x="urn:x" sel="*"/></diff>', 'invalid-diff-format'],
    ['text between operations', '<diff>x<remove sel="//f"/></diff>', 'invalid-diff-format'],
    ['a pos there is not', '<diff><add sel="*" pos="inside"/></diff>', 'invalid-attribute-value'],
    ['a type there is not', '<diff><add sel="*" type="element">x</add></diff>', 'invalid-attribute-value'],
    ['an attribute twice', '<diff><add sel="*" type="@a">x</add><add sel="*" type="@a">y</add></diff>', 'invalid-patch-directive'],
    ['the prefix xmlns', '<diff><add sel="*" type="namespace::xmlns">urn:x</add></diff>', 'invalid-namespace-prefix'],
    ['a prefix in use removed', '<diff><remove sel="*/namespace::f"/></diff>', 'invalid-namespace-prefix'],
    ['the document replaced', '<diff><replace sel="/"><a/></replace></diff>', 'invalid-root-element-operation'],
    ['an element beside the root', '<diff><add sel="*" pos="after"><a/></add></diff>', 'invalid-root-element-operation'],
    ['a DOCTYPE', '<!DOCTYPE diff [<!ENTITY e "x">]><diff/>', 'doctype-refused'],
    ['an entity', '<diff><add sel="*">&e;</add></diff>', 'not-well-formed'],
    ['no XML', 'add', 'not-well-formed'],
    ['too many operations', `<diff>${'<remove sel="*"/>'.repeat(501)}</diff>`, 'invalid-diff-format'],
  ];
  for (const [what, patch, error] of bad)
    it(`with ${what} is refused: ${error}`, () => expect(errorOf(() => patched(DOC, patch))).to.equal(error));

  it('tells the place of the operation', () => {
    try {
      patched(DOC, '<diff>\n  <remove sel="//none"/>\n</diff>');
      expect.fail('it was done');
    } catch (error) {
      expect((error as Problem).violations[0]).to.include({ line: 2, column: 3 });
    }
  });

  it('that replaces the text of any leaf changes that leaf alone (random trees)', () => {
    const leaf = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(leaf, { minLength: 1, maxLength: 12 }),
        fc.nat(),
        fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
        (paths, pick, given) => {
          const value = given.replace(/\s/g, '_');
          const tree = readPatchTree('<a/>');
          const root = tree.children[0] as Extract<(typeof tree.children)[number], { kind: 'element' }>;
          const leaves: { path: string; node: { value: string } }[] = [];
          for (const path of paths) {
            let at = root;
            let written = '/*';
            for (const index of path) {
              while (at.children.filter(({ kind }) => kind === 'element').length <= index) {
                at.children.push({
                  ...root,
                  local: `e${at.children.length}`,
                  children: [],
                  attributes: [],
                  declarations: new Map(),
                  parent: at,
                });
              }
              at = at.children.filter(({ kind }) => kind === 'element')[index] as typeof root;
              written += `/*[${index + 1}]`;
            }
            if (at.children.length > 0) continue;
            const node = { kind: 'text' as const, value: 'old' };
            at.children.push(node);
            leaves.push({ path: `${written}/text()`, node });
          }
          const chosen = leaves[pick % leaves.length];
          if (chosen === undefined) return;
          // a later path may have put elements into a leaf
          const before = writePatchTree(tree);
          const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
          const after = patched(before, `<diff><replace sel="${chosen.path}">${escaped}</replace></diff>`);
          chosen.node.value = value;
          expect(after).to.equal(writePatchTree(tree));
        },
      ),
      { numRuns: 200, ...(process.env.FACETRY_SEED === undefined ? {} : { seed: Number(process.env.FACETRY_SEED) }) },
    );
  });
});
