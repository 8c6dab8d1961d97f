/** Standing questions: which are about each resource by itself, and what a resource must have to be selected. */
import { expect } from 'chai';
import fc from 'fast-check';
import { createNeedIndex } from '../../../src/directory/watch/needs.js';
import type { NodeSet, Policy, View } from '../../../src/discovery/index.js';
import { compile } from '../../../src/discovery/index.js';
import { DIRECTORY_NS, Problem, RESOURCE_NS } from '../../../src/model/index.js';
import { NAMESPACES } from '../../fuzz/documents.js';
import { directories, ownView } from './random-directory.js';
import { questions } from './random-question.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);
const runs = Number(process.env.PLAN_RUNS ?? 300);
const namespaces = new Map([...Object.entries(NAMESPACES), ['r', RESOURCE_NS], ['dir', DIRECTORY_NS], ['h', 'urn:h']]);
const texts = new Map([['v', 'val']]);

const standing = (text: string) => compile(text, { namespaces, variables: new Set(['v', 'n']) }).standing(texts);

describe('A standing question', () => {
  const byResource: readonly (readonly [string, string | undefined])[] = [
    ['/r:resource', `{${RESOURCE_NS}}resource`],
    ['//*', undefined],
    ['//h:host[h:mem > 4]', '{urn:h}mem'],
    ["/r:resource[h:a/h:b = 'x']/h:c", '{urn:h}b=x'],
    ["//h:b[. = 'v']", '{urn:h}b=v'],
    ["//h:b[text() = 'v']", '{urn:h}b=v'],
    ['//h:a[$v = h:b]', '{urn:h}b=val'],
    ['//h:a[$n = h:b]', '{urn:h}a'],
    ["//h:a[h:b = '']", '{urn:h}b'],
    ["//h:a[contains(h:z, 'q')]", '{urn:h}z'],
    ["//h:a[contains(h:z, '')]", '{urn:h}a'],
    ["//h:x | //h:y[h:k = '1' or h:j = '2']", '{urn:h}x {urn:h}k=1 {urn:h}j=2'],
    ["//h:x | //*[h:k = '1' or not(h:j)]", undefined],
    ['//h:a[not(h:b)]', '{urn:h}a'],
    ['//h:a[h:b = false()]', '{urn:h}a'],
    ['/*[h:a]/@id', '{urn:h}a'],
    ['//h:a[1]', '{urn:h}a'],
    ['//h:a/h:b[last()]', '{urn:h}b'],
    ['//h:a/..', '{urn:h}a'],
    ['//h:a/ancestor::*', '{urn:h}a'],
    ["//h:a[dir:owner(.) = 'x']", '{urn:h}a'],
  ];
  for (const [text, needs] of byResource) {
    it(`${text} is about each resource by itself and needs ${needs ?? 'nothing in particular'}`, () => {
      const found = standing(text);
      expect(found).to.include({ byResource: true, timed: false });
      const said = found.needs?.map(({ ns, local, value }) => `{${ns}}${local}${value === undefined ? '' : `=${value}`}`).join(' ');
      expect(said).to.equal(needs);
    });
  }

  const together = [
    '(//h:a)[1]',
    '/r:resource[2]',
    '/*[last()]',
    '//r:resource[1]',
    '//*[1]',
    'count(//h:a)',
    "id('x')",
    '//h:a[id(.)]',
    '//h:a[//h:b]',
    '//h:a/../..',
    '//h:a/ancestor::node()',
    '//h:a/following::*',
    '//h:a/preceding::h:b',
    '/r:resource/following-sibling::*',
    '/',
    '/descendant::h:a[3]',
    '/self::node()[h:a]//h:b',
  ];
  for (const text of together) it(`${text} is about many resources at once`, () => expect(standing(text).byResource).to.equal(false));

  for (const text of ['//h:a[dir:fresh(.)]', '//h:a[dir:age(.) > 3]', 'current-dateTime()'])
    it(`${text} changes with time`, () => expect(standing(text).timed).to.equal(true));

  it(`by resource selects what it selects in each, and only where its needs are met (FACETRY_SEED=${seed})`, function () {
    this.timeout(Math.max(120_000, runs * 500));
    let compared = 0;
    let needed = 0;
    fc.assert(
      fc.property(directories, fc.array(questions, { minLength: 6, maxLength: 10 }), (directory, asked) => {
        const whole = ownView(directory);
        for (const text of asked) {
          const compiled = compileOrSkip(text);
          const found = compiled?.standing(new Map());
          if (compiled === undefined || found?.byResource !== true) continue;
          const answer = nodes(compiled, whole);
          if (answer === undefined) continue;
          const index = createNeedIndex<string>();
          index.add(text, found.needs);
          const parts: string[] = [];
          for (let slot = 0; slot < whole.columns.slots.count; slot++) {
            const part = nodes(compiled, { ...whole, slots: only(slot) }) ?? [];
            parts.push(...part);
            const hit = new Set<string>();
            index.collect(whole.columns, slot, hit);
            if (part.length > 0) expect([...hit], `needs of ${text}`).to.deep.equal([text]);
            if (found.needs !== undefined) needed++;
          }
          expect(parts, text).to.have.members(answer);
          compared++;
        }
      }),
      { seed, numRuns: runs },
    );
    expect(compared, 'questions compared').to.be.greaterThan(runs);
    expect(needed, 'resources held against needs').to.be.greaterThan(runs);
  });
});

const policy: Policy = { age: () => 1, fresh: () => true, owner: (_, facet) => facet ?? 'nobody' };

function compileOrSkip(text: string) {
  try {
    return compile(text, { namespaces });
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Undefined: the question cannot be answered there. */
function nodes(compiled: NonNullable<ReturnType<typeof compileOrSkip>>, view: View): string[] | undefined {
  try {
    const value = compiled.evaluate(view, { policy, budget: { time: 20_000, nodes: 1e7, bytes: 1e8 } });
    if (value.type !== 'nodeset') return undefined;
    return Array.from(value.nodes as ArrayLike<NodeSet[number]>, (node) => JSON.stringify(node));
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function only(slot: number): Uint32Array {
  const bits = new Uint32Array((slot >>> 5) + 1);
  bits[slot >>> 5] = 1 << (slot & 31);
  return bits;
}
