// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references as a keeper's file has them
import { expect } from 'chai';
import { type Composition, compose } from '../../src/keeper/compose/index.js';
import { readConfig } from '../../src/keeper/config/index.js';
import type { Row } from '../../src/keeper/delegate.js';
import type { FoundDelegate } from '../../src/keeper/found-delegate.js';

const facet = (name: string) => `Q{urn:${name}}${name}`;
const delegate = (name: string, provides: readonly string[] = [name], requires: readonly string[] = []): FoundDelegate => ({
  name,
  kind: 'module',
  provides: provides.map(facet),
  requires: requires.map(facet),
  lists: false,
  path: `/d/${name}.mjs`,
  stamp: '1',
});

function composed(resources: string, delegates: readonly FoundDelegate[], rows?: readonly Row[]): Composition {
  const text = `name: k\nscopes: [/a]\ndelegates: {}\nresources:\n${resources}`;
  return compose(readConfig('/k.yaml', text), delegates, () => rows);
}

/** `id: name after a,b; name` of every resource */
function said({ resources }: Composition): readonly string[] {
  return resources.map(
    ({ id, tasks }) =>
      `${id}: ${tasks.map((task) => task.delegate.name + (task.after.length > 0 ? ` after ${task.after}` : '')).join('; ')}`,
  );
}

describe('composition', () => {
  it('gives each resource its delegates, those that others require before them', () => {
    const all = [delegate('a', ['a'], ['c']), delegate('b'), delegate('c', ['c'], ['b'])];
    const composition = composed('  - { id: r, facets: [{ delegate: a }, { delegate: b }, { delegate: c }] }\n', all);
    expect(said(composition)).to.deep.equal(['r: a after c; b; c after b']);
    expect(composition.refusals).to.deep.equal([]);
  });

  it('takes by a pattern whatever nobody else names', () => {
    const all = [delegate('gpu-a'), delegate('gpu-b'), delegate('host')];
    expect(said(composed("  - { id: r, facets: [{ delegate: 'gpu-*' }] }\n", all))).to.deep.equal(['r: gpu-a; gpu-b']);
    expect(said(composed("  - { id: r, facets: [{ delegate: '*' }, { delegate: host, ttl: 10s }] }\n", all))).to.deep.equal([
      'r: host; gpu-a; gpu-b',
    ]);
  });

  it('refuses a facet to the second one that claims it, naming both', () => {
    const all = [delegate('one', ['x']), delegate('two', ['y', 'x'])];
    const { resources, refusals } = composed('  - id: r\n    facets:\n      - { delegate: one }\n      - { delegate: two }\n', all);
    expect(resources[0]?.tasks.map((task) => task.delegate.name)).to.deep.equal(['one']);
    expect(refusals.map(({ resource, delegate: who, why, place }) => [resource, who, why, place.line])).to.deep.equal([
      ['r', 'two', '"two" and "one" both provide Q{urn:x}x: leave one of them out', 8],
    ]);
  });

  it('goes by name before pattern, in whatever order they stand', () => {
    const all = [delegate('early', ['x']), delegate('wanted', ['x'])];
    const { resources, refusals } = composed("  - { id: r, facets: [{ delegate: '*' }, { delegate: wanted }] }\n", all);
    expect(resources[0]?.tasks.map((task) => task.delegate.name)).to.deep.equal(['wanted']);
    expect(refusals[0]?.why).to.match(/"early" and "wanted" both provide/);
  });

  it('refuses all that require each other in a circle, and nobody else', () => {
    const all = [delegate('a', ['a'], ['b']), delegate('b', ['b'], ['c']), delegate('c', ['c'], ['a']), delegate('d', ['d'], ['a'])];
    const composition = composed("  - { id: r, facets: [{ delegate: '*' }] }\n", all);
    expect(said(composition)).to.deep.equal(['r: d']);
    expect(composition.refusals.map(({ why }) => why)).to.deep.equal([
      'they require each other\'s facets: "a" after "b" after "c" after "a"',
    ]);
  });

  it('says which delegate is missing, and what may have been meant', () => {
    const { refusals } = composed('  - { id: r, facets: [{ delegate: hots }] }\n', [delegate('host')]);
    expect(refusals[0]?.why).to.equal('there is no delegate "hots" on this node; did you mean "host"?');
  });

  it('makes a resource of each row, and refuses an id that comes twice', () => {
    const rows = [{ id: 'a' }, { id: 'b' }, { id: 'a' }];
    const composition = composed(
      '  - { id: "c-${row:id}", for-each: { delegate: l }, facets: [{ delegate: one }] }\n',
      [delegate('one')],
      rows,
    );
    expect(said(composition)).to.deep.equal(['c-a: one', 'c-b: one']);
    expect(composition.resources[1]?.row).to.deep.equal({ id: 'b' });
    expect(composition.refusals[0]?.why).to.match(/two resources have the id "c-a": line 5 \(row \{"id":"a"\}\)/);
  });

  it('makes none before the rows are known, and refuses rows that lack what the id needs', () => {
    const file = '  - { id: "c-${row:name}", for-each: { delegate: l }, facets: [{ delegate: one }] }\n';
    expect(composed(file, [delegate('one')]).resources).to.deep.equal([]);
    expect(composed(file, [delegate('one')], [{ id: 'a' }]).refusals[0]?.why).to.equal('${row:name}: the row has no "name"');
  });
});
