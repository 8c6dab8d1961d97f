import { expect } from 'chai';
import type { Budget, Columns } from '../../../src/discovery/index.js';
import { compileWith } from '../../../src/discovery/plan/compile.js';
import { Problem } from '../../../src/model/index.js';
import { load } from './random-directory.js';

/** 3 000 resources of 14 elements each, two thirds of them nested. */
function crowd(): Columns {
  const body = `<a><b>1</b><b>2</b><c><a>x</a><a>y</a><c><b>z</b></c></c>${'<b>word</b>'.repeat(5)}</a>`;
  return load(Array.from({ length: 3_000 }, (_, i) => ({ id: `i${i}`, scopes: ['/a'], body })));
}

/** What takes long however it is planned: every node is asked about every other, and strings grow. */
const BOMBS: readonly string[] = [
  '//*[count(following::*[count(preceding::*) > 3]) > 5]',
  '//*[count(//*[. = string(//*[last()])]) > count(following::*)]',
  `//*${'/parent::*/*'.repeat(200)}`,
  `count(//*${'/ancestor-or-self::*/descendant-or-self::*'.repeat(200)})`,
  `//a${'[following::*[contains(string(..), "x")]'.repeat(20)}${']'.repeat(20)}`,
  '//*[string-length(translate(string(/), "abc", "ddd")) > position()]',
  '//*[sum(//b[. != "z"]) > position()][count(//*) > 1]',
  'string-join(//*[contains(string(/), string(.))], "")',
  'count(//*[matches(string(/), concat("(a*)*", string(.), "$"))])',
  '//*[(//*)[position() > last() div 2]/following::*[last()] = .]',
  '//b[position() = count(../preceding::b)]/preceding::*[position() mod 2 = 1][last()]',
  'distinct-values(//node())/following::node()[. = //b]',
];

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const UNBOUNDED: Budget = { time: Number.POSITIVE_INFINITY, nodes: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

describe('budgets', () => {
  const columns = crowd();
  const view = { columns, revision: columns.revision };
  const namespaces = new Map<string, string>();
  const run = (text: string, budget: Partial<Budget>, clock?: () => number) =>
    compileWith(text, { namespaces, ...(clock === undefined ? {} : { clock }) }).evaluate(view, { budget: { ...UNBOUNDED, ...budget } });

  for (const bomb of BOMBS) {
    it(`time: ${bomb.slice(0, 70)} ends in time, whatever it does`, function () {
      this.timeout(20_000);
      const time = 200;
      // the processor's time, so that other work on the machine does not count
      const clock = (): number => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      };
      const start = clock();
      let ended: Problem | undefined;
      try {
        run(bomb, { time }, clock);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        ended = error;
      }
      // garbage collection and compilation on other threads count too: some slack beside the fifth
      expect(clock() - start).to.be.below(time * 1.2 + 150);
      if (ended !== undefined) {
        expect(ended.code).to.equal('query-over-budget');
        expect(ended.violations[0]?.rule).to.equal('budget-time');
      }
    });
  }

  it('time: is looked at while nodes are only listed', () => {
    let now = 0;
    const problem = problemOf(() => run('//*', { time: 3 }, () => now++));
    expect(problem.violations[0]?.rule).to.equal('budget-time');
    expect(problem.hint).to.contain('time budget');
  });

  it('nodes: no set may be larger', () => {
    expect(problemOf(() => run('//*', { nodes: 1_000 })).violations[0]?.rule).to.equal('budget-nodes');
    expect(problemOf(() => run('//*[b]', { nodes: 1_000 })).violations[0]?.rule).to.equal('budget-nodes');
    expect(problemOf(() => run('//namespace::*', { nodes: 1_000 })).violations[0]?.rule).to.equal('budget-nodes');
    expect(problemOf(() => run('count(tokenize(string(/), "o"))', { nodes: 1_000 })).violations[0]?.rule).to.equal('budget-nodes');
    // counting needs no set
    expect(run('count(//*)', { nodes: 1_000 })).to.have.property('value');
  });

  it('bytes: no string may be longer', () => {
    for (const text of [
      'string(/)',
      'string-join(//b, " ")',
      `concat("${'x'.repeat(600)}", "${'y'.repeat(600)}")`,
      'translate(string(/), "w", "ü")',
      'replace(string(/*), "[a-z]", "$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0")',
    ]) {
      expect(problemOf(() => run(text, { bytes: 1_000 })).violations[0]?.rule, text).to.equal('budget-bytes');
    }
    expect(run('count(//b[contains(., "word")])', { bytes: 1_000 })).to.deep.equal({ type: 'number', value: 15_000 });
  });
});
