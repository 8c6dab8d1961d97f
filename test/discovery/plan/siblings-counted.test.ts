import { expect } from 'chai';
import { compile } from '../../../src/discovery/index.js';
import { compileWith } from '../../../src/discovery/plan/compile.js';
import { RESOURCE_NS } from '../../../src/model/index.js';
import { load } from './random-directory.js';
import { told } from './told.js';

/** 300 resources with nought to six nodes each; few are down. */
const columns = load(
  Array.from({ length: 300 }, (_, i) => ({
    id: `i${i}`,
    scopes: ['/a'],
    body: `<a>${Array.from(
      { length: i % 7 },
      (_, k) => `<n><role>${k === 0 ? 'head' : 'storage'}</role><state>${(i * 7 + k) % 23 === 0 ? 'down' : 'up'}</state></n>`,
    ).join('')}</a>`,
  })),
);
const view = { columns, revision: columns.revision };
const options = { namespaces: new Map([['r', RESOURCE_NS]]) };

describe('the n-th sibling of many nodes', () => {
  for (const axis of ['following-sibling', 'preceding-sibling']) {
    for (const place of ['1', '2', '3', '7', 'last()']) {
      for (const [start, condition] of [
        ['//n', ''],
        ['//n', "[role = 'head']"],
        ['/r:resource/a/n', "[role = 'storage']"],
      ] as const) {
        for (const target of ["[state = 'down']", "[state = 'down'][role = 'storage']", "[state = 'lost']", '[state]']) {
          const text = `${start}${condition}[${axis}::n[${place}]${target}]`;
          it(text, () => {
            const plain = compileWith(text, { ...options, optimise: false });
            const planned = compile(text, options);
            expect(told(() => planned.evaluate(view, {}), view)).to.deep.equal(told(() => plain.evaluate(view, {}), view));
          });
        }
      }
    }
  }

  it('is counted back to from those that meet what it must, when they are few', () => {
    const { plan } = compile("//n[following-sibling::n[2][state = 'down']]", options).explain(view, {});
    expect(plan.map(({ operator }) => operator).join('\n')).to.contain('those whose n-th node meets');
  });

  it('is found from each node when many would meet it', () => {
    const { plan } = compile("//n[following-sibling::n[2][state = 'up']]", options).explain(view, {});
    expect(plan.map(({ operator }) => operator).join('\n')).not.to.contain('those whose n-th node meets');
  });
});
