import { DOMParser } from '@xmldom/xmldom';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Columns,
  createColumns,
  createOutput,
  Kind,
  publish,
  putResource,
  removeResource,
  rowVisible,
  serializeNode,
  serializeNodeText,
  showsEverything,
  slotVisible,
  type View,
  writeNode,
} from '../../../src/discovery/columns/index.js';
import { commit, createModel, resourcesAt, sampleHistory } from './history.js';
import { pathOf } from './read-everything.js';
import { SAMPLE_SCOPES, sampleResource, writeSample } from './sample-resources.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);
const NS = 'http://gcube-system.org/namespaces/resource';

function columnsOf(...xmls: string[]): Columns {
  const columns = createColumns();
  for (const [createdSeq, xml] of xmls.entries()) {
    putResource(columns, new TextEncoder().encode(xml), { revision: 1, created: 1, createdSeq, createdAt: 0, modifiedAt: 0 });
  }
  publish(columns, 1);
  return columns;
}

function rowOf(columns: Columns, path: string): number {
  for (let row = 1; row < columns.rows.count; row++)
    if (pathOf(columns, columns.rows.label[row]).replace(/\{[^}]*\}/g, '') === path) return row;
  throw new Error(`no ${path}`);
}

const all = (columns: Columns): View => ({ columns, revision: columns.revision });

describe('serialising', () => {
  const columns = columnsOf(
    `<resource xmlns="${NS}" xmlns:f="urn:f" xmlns:g="urn:g" id="a&quot;"><name>f:n</name><scope>/a</scope><f:hw><f:cpu>1 &lt; 2</f:cpu><g:x>y</g:x><hw xmlns="urn:d"><deep>t</deep></hw><e/></f:hw></resource>`,
  );
  const cases: readonly (readonly [path: string, expected: string])[] = [
    ['/resource/name', `<name xmlns="${NS}" xmlns:f="urn:f">f:n</name>`],
    ['/resource/scope', `<scope xmlns="${NS}">/a</scope>`],
    ['/resource/f:hw/f:cpu', '<f:cpu xmlns:f="urn:f">1 &lt; 2</f:cpu>'],
    [
      '/resource/f:hw',
      `<f:hw xmlns:f="urn:f" xmlns:g="urn:g" xmlns="${NS}"><f:cpu>1 &lt; 2</f:cpu><g:x>y</g:x><hw xmlns="urn:d"><deep>t</deep></hw><e/></f:hw>`,
    ],
    ['/resource/f:hw/hw', '<hw xmlns="urn:d"><deep>t</deep></hw>'],
    ['/resource/f:hw/hw/deep', '<deep xmlns="urn:d">t</deep>'],
    ['/resource/f:hw/e', `<e xmlns="${NS}"/>`],
    ['/resource/@id', 'id="a&quot;"'],
    ['/resource/xmlns:f', 'xmlns:f="urn:f"'],
  ];
  for (const [path, expected] of cases)
    it(`${path} alone carries the declarations it needs`, () =>
      expect(serializeNodeText(all(columns), rowOf(columns, path) * 2)).to.equal(expected));

  it('the text in a leaf is escaped text', () =>
    expect(serializeNodeText(all(columns), rowOf(columns, '/resource/f:hw/f:cpu') * 2 + 1)).to.equal('1 &lt; 2'));

  it('bytes and text are the same, and one buffer takes many nodes', () => {
    const node = rowOf(columns, '/resource') * 2;
    const text = serializeNodeText(all(columns), node);
    expect(new TextDecoder().decode(serializeNode(all(columns), node))).to.equal(text);
    const out = createOutput(8);
    for (let i = 0; i < 3; i++) writeNode(out, all(columns), node);
    expect(new TextDecoder().decode(out.bytes.subarray(0, out.length))).to.equal(text.repeat(3));
  });

  it('the root is what is visible below it', () => {
    const two = columnsOf('<r id="1">x</r>', '<r id="2"><a>y</a></r>');
    expect(serializeNodeText(all(two), 0)).to.equal('<r id="1">x</r><r id="2"><a>y</a></r>');
    removeResource(two, '1', 2);
    publish(two, 2);
    expect(serializeNodeText(all(two), 0)).to.equal('<r id="2"><a>y</a></r>');
    expect(serializeNodeText({ columns: two, revision: 1 }, 0)).to.equal('<r id="1">x</r><r id="2"><a>y</a></r>');
  });

  it(`every inner element means alone what it means inside (FACETRY_SEED=${seed})`, () => {
    fc.assert(
      fc.property(sampleResource('x'), (tree) => {
        const one = columnsOf(writeSample(tree));
        for (let row = 2; row < one.rows.count; row++) {
          if (one.labels.kind(one.rows.label[row]) !== Kind.Element) continue;
          const errors: string[] = [];
          const parser = new DOMParser({ onError: (_level, message) => errors.push(message) });
          const element = parser.parseFromString(serializeNodeText(all(one), row * 2), 'text/xml').documentElement;
          expect(errors).to.deep.equal([]);
          let at = row;
          const visit = (node: NonNullable<typeof element>): void => {
            const name = one.labels.name(one.rows.label[at]);
            expect([node.namespaceURI ?? '', node.localName]).to.deep.equal([one.names.ns(name), one.names.local(name)]);
            at++;
            for (let child = node.firstChild; child !== null; child = child.nextSibling) {
              while (at < one.rows.count && one.labels.kind(one.rows.label[at]) !== Kind.Element) at++;
              if (child.nodeType === 1) visit(child as typeof node);
            }
          };
          visit(element as NonNullable<typeof element>);
        }
      }),
      { seed, numRuns: 40 },
    );
  });
});

describe('a view', () => {
  it(`with scopes shows no other scope element (FACETRY_SEED=${seed})`, () => {
    fc.assert(
      fc.property(sampleResource('x'), fc.subarray([...SAMPLE_SCOPES]), (tree, scopes) => {
        const one = columnsOf(writeSample(tree));
        const view: View = { ...all(one), scopes: new Set(scopes.map((scope) => one.strings.find(scope)).filter((id) => id >= 0)) };
        const shown = (item: (typeof tree.content)[number]) =>
          typeof item === 'string' || item.local !== 'scope' || scopes.includes(String(item.content[0]) as (typeof SAMPLE_SCOPES)[number]);
        expect(serializeNodeText(view, 2)).to.equal(writeSample({ ...tree, content: tree.content.filter(shown) }));
        for (let row = 0; row < one.rows.count; row++) {
          const label = one.rows.label[row];
          const hidden =
            one.labels.isScope(label) && !scopes.includes(one.strings.text(one.rows.data[row]) as (typeof SAMPLE_SCOPES)[number]);
          expect(rowVisible(view, row)).to.equal(!hidden);
        }
        expect(showsEverything(view)).to.equal(false);
      }),
      { seed, numRuns: 40 },
    );
  });

  it(`shows the slots open at its revision whose bits are set (FACETRY_SEED=${seed})`, () => {
    fc.assert(
      fc.property(sampleHistory, fc.nat(), (history, bits) => {
        const columns = createColumns();
        const model = createModel();
        for (const changes of history) commit(model, columns, changes);
        for (let revision = 0; revision <= model.revision; revision++) {
          const open = new Set(resourcesAt(model, revision).map(({ id }) => columns.slots.find(id, revision)));
          const everything: View = { columns, revision };
          const some: View = { columns, revision, slots: Uint32Array.of(bits) };
          for (let row = 1; row < columns.rows.count; row++) {
            const slot = columns.slotOf(row);
            expect(rowVisible(everything, row)).to.equal(open.has(slot));
            expect(rowVisible(some, row)).to.equal(open.has(slot) && slot < 32 && ((bits >>> slot) & 1) === 1);
            expect(slotVisible(some, slot)).to.equal(rowVisible(some, row));
          }
          if (showsEverything(everything)) expect(open.size).to.equal(columns.slots.count);
        }
        expect(showsEverything({ columns, revision: model.revision })).to.equal(columns.allAlive);
      }),
      { seed, numRuns: 20 },
    );
  });
});
