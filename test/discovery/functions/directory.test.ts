import { expect } from 'chai';
import { type Columns, compile, createColumns, type Policy, publish, putResource, type Value } from '../../../src/discovery/index.js';
import { compileWith } from '../../../src/discovery/plan/compile.js';
import { DIRECTORY_NS, Problem, RESOURCE_NS } from '../../../src/model/index.js';
import { ask } from '../plan/ask.js';

const namespaces = new Map([
  ['dir', DIRECTORY_NS],
  ['r', RESOURCE_NS],
  ['h', 'urn:h'],
  ['g', 'urn:g'],
]);

function resource(id: string): string {
  const facets = '<h:hw><h:cpu>4</h:cpu><h:ram>8</h:ram></h:hw><g:gpu><g:cpu>1</g:cpu></g:gpu>';
  return `<r:resource xmlns:r="${RESOURCE_NS}" xmlns:h="urn:h" xmlns:g="urn:g" id="${id}"><r:name>n</r:name><r:scope>/a</r:scope>${facets}</r:resource>`;
}

/** `n1`, `n2`, `n3`; then n1 is written again, so that the first in document order is the last of the rows. */
function directory(): Columns {
  const columns = createColumns({ size: 'document', seed: 1 });
  const put = (id: string, revision: number, created: number): unknown =>
    putResource(columns, Buffer.from(resource(id)), { revision, created, createdSeq: 0, createdAt: 0, modifiedAt: 0 });
  for (const [i, id] of ['n1', 'n2', 'n3'].entries()) put(id, i + 1, i + 1);
  publish(columns, 3);
  put('n1', 4, 1);
  publish(columns, 4);
  return columns;
}

/** Says whom it was asked about: an owner `n1 Q{urn:h}hw`, an age that counts, freshness for all but n2's gpu facet. */
function policyOver(columns: Columns): Policy {
  const number = (slot: number) => Number(columns.slots.id(slot).slice(1));
  return {
    age: (slot, facet) => number(slot) * 10 + (facet?.length ?? 0),
    fresh: (slot, facet) => !(number(slot) === 2 && facet === 'Q{urn:g}gpu'),
    owner: (slot, facet) => `${columns.slots.id(slot)} ${facet ?? '-'}`,
  };
}

function evaluate(columns: Columns, xpath: string, policy: Policy | undefined = policyOver(columns), optimise = true): Value {
  return compileWith(xpath, { namespaces, optimise }).evaluate({ columns, revision: columns.revision }, policy ? { policy } : {});
}

function answer(columns: Columns, xpath: string, policy?: Policy): string | number | boolean {
  const value = evaluate(columns, xpath, policy);
  return value.type === 'nodeset' ? value.nodes.length : value.value;
}

const TABLE: readonly (readonly [xpath: string, value: string | number | boolean])[] = [
  // which resource and which facet are asked about
  ['dir:owner(/r:resource[@id="n2"])', 'n2 -'],
  ['dir:owner(/r:resource[@id="n2"]/h:hw)', 'n2 Q{urn:h}hw'],
  ['dir:owner(/r:resource[@id="n2"]/h:hw/h:ram)', 'n2 Q{urn:h}hw'],
  ['dir:owner(/r:resource[@id="n2"]/h:hw/h:ram/text())', 'n2 Q{urn:h}hw'],
  ['dir:owner(/r:resource[@id="n2"]/g:gpu/g:cpu)', 'n2 Q{urn:g}gpu'],
  ['dir:owner(/r:resource[@id="n2"]/@id)', 'n2 -'],
  ['dir:owner(/r:resource[@id="n2"]/r:scope)', 'n2 -'],
  ['dir:owner(/r:resource[@id="n2"]/r:name/text())', 'n2 -'],
  ['dir:owner(/r:resource[@id="n2"]/namespace::h)', 'n2 -'],
  ['dir:owner(/r:resource[@id="n2"]/h:hw/h:cpu/namespace::h)', 'n2 Q{urn:h}hw'],
  // the first in document order, wherever its row stands
  ['dir:owner(//h:cpu)', 'n1 Q{urn:h}hw'],
  ['dir:owner(//g:cpu | //h:ram)', 'n1 Q{urn:h}hw'],
  ['dir:age(//h:hw)', 20],
  ['dir:age(/r:resource[3])', 30],
  // the context node when nothing is given
  ['count(//h:cpu[dir:owner() = "n3 Q{urn:h}hw"])', 1],
  ['count(/r:resource[dir:age() > 15])', 2],
  ['count(/r:resource[dir:age(h:hw) > 25])', 2],
  ['count(/r:resource[dir:fresh(g:gpu)])', 2],
  ['count(/r:resource[not(dir:fresh(g:gpu))]/@id)', 1],
  ['count(/r:resource/*[dir:fresh()])', 11],
  ['count(//g:cpu[not(dir:fresh())][dir:owner() = "n2 Q{urn:g}gpu"])', 1],
  ['sum(/r:resource[dir:age() = 20]/h:hw/*)', 12],
  ['dir:age(/r:resource[1]) < dir:age(/r:resource[2])', true],
  // in no resource
  ['dir:age(/)', Number.NaN],
  ['dir:fresh(/)', false],
  ['dir:owner(/)', ''],
  ['dir:age(//none)', Number.NaN],
  ['dir:fresh(//none)', false],
  ['dir:owner(//none)', ''],
  ['dir:owner(tokenize("a b"))', ''],
];

describe('functions of a directory', () => {
  const columns = directory();

  for (const [xpath, value] of TABLE) {
    it(`${xpath} is ${JSON.stringify(typeof value === 'number' ? String(value) : value)}`, () => {
      expect(answer(columns, xpath)).to.deep.equal(value);
      expect(evaluate(columns, xpath, undefined, false)).to.deep.equal(evaluate(columns, xpath));
    });
  }

  it('know nothing without a policy: no age, all fresh, nobody’s', () => {
    const over = { columns, revision: columns.revision };
    const plain = (xpath: string) => compile(xpath, { namespaces }).evaluate(over, {});
    expect(plain('dir:age(//h:hw)')).to.deep.equal({ type: 'number', value: Number.NaN });
    expect(plain('count(//*[dir:fresh()]) = count(//*)')).to.deep.equal({ type: 'boolean', value: true });
    expect(plain('dir:owner(//h:hw)')).to.deep.equal({ type: 'string', value: '' });
  });

  it('are asked anew by every evaluation, the plan being the same', () => {
    const compiled = compile('dir:age(/r:resource[1])', { namespaces });
    const over = { columns, revision: columns.revision };
    const aged = (age: number) => compiled.evaluate(over, { policy: { ...policyOver(columns), age: () => age } });
    expect([aged(1), aged(2)]).to.deep.equal([
      { type: 'number', value: 1 },
      { type: 'number', value: 2 },
    ]);
  });

  it('stand in explanations as they are written', () => {
    const { plan } = compile('/r:resource[dir:age() > 15]', { namespaces }).explain({ columns, revision: 4 }, {});
    expect(plan.map(({ operator }) => operator).join('\n')).to.contain('dir:age(.) > 15');
  });

  it('find nothing of a document’s comments and instructions', () => {
    const policy: Policy = { age: () => 1, fresh: () => true, owner: () => 'me' };
    const options = { namespaces: { dir: DIRECTORY_NS }, policy };
    expect(ask('<!--c--><a><b/><!--d--></a>', 'dir:owner(/comment())', options)).to.equal('');
    expect(ask('<!--c--><a><b/><!--d--></a>', 'dir:owner(/a/comment())', options)).to.equal('me');
  });

  const REFUSED: readonly (readonly [xpath: string, rule: string, hint: string])[] = [
    ['dir:fresch(.)', 'xpath-function', 'did you mean dir:fresh()?'],
    ['dir:something(.)', 'xpath-function', 'there are dir:age(), dir:fresh(), dir:owner()'],
    ['dir:count(.)', 'xpath-function', 'there are dir:age(), dir:fresh(), dir:owner()'],
    ['r:age(.)', 'xpath-function', ''],
    ['fresh(.)', 'xpath-function', ''],
    ['dri:age(.)', 'xpath-prefix', 'did you mean "dir"?'],
    ['dir:age(1)', 'xpath-type', ''],
    ['dir:owner(., .)', 'xpath-arguments', ''],
  ];
  for (const [xpath, rule, hint] of REFUSED) {
    it(`${xpath} is refused: ${rule}`, () => {
      expect(() => compile(xpath, { namespaces }))
        .to.throw(Problem)
        .that.satisfies((problem: Problem) => problem.violations[0]?.rule === rule && (problem.hint ?? '').includes(hint));
    });
  }
});
