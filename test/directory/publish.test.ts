import { expect } from 'chai';
import { type Directory, OPEN_CALLER } from '../../src/directory/index.js';
import { Problem, type ProblemCode } from '../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from './open-test-directory.js';

async function problemOf(action: Promise<unknown>): Promise<Problem> {
  try {
    await action;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('expected a problem, and there was none');
}

describe('publishing', () => {
  let test: TestDirectory;
  let directory: Directory;
  before(async () => {
    test = await openTestDirectory();
    directory = test.directory;
  });
  after(() => test.destroy());

  const count = async (xpath: string): Promise<unknown> => {
    const answer = await directory.discover(OPEN_CALLER, { xpath: `count(${xpath})`, namespaces: { f: 'urn:f' } });
    return answer.type === 'number' ? answer.value : answer.type;
  };

  it('makes a document visible to discovery before it answers', async () => {
    const published = await directory.create(OPEN_CALLER, bytes(resourceXml('a')));
    expect(published).to.include({ outcome: 'created', id: 'a' });
    expect(await count("/r:resource[@id='a']/f:hw/f:cpu")).to.equal(1);
    const got = directory.get(OPEN_CALLER, 'a');
    expect(new TextDecoder().decode(got?.xml)).to.equal(resourceXml('a'));
    expect(got?.etag).to.equal(published.etag);
  });

  it('mints an id for a document without one', async () => {
    const { id } = await directory.create(OPEN_CALLER, bytes(resourceXml(undefined)));
    expect(id).to.match(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(directory.get(OPEN_CALLER, id)).to.include({ id });
  });

  it('refuses to create what exists, and says how to replace it', async () => {
    await directory.put(OPEN_CALLER, 'b', bytes(resourceXml('b')));
    const problem = await problemOf(directory.create(OPEN_CALLER, bytes(resourceXml('b'))));
    expect(problem.code).to.equal('already-exists');
    expect(problem.hint).to.contain('PUT').and.to.contain('/resources/b');
  });

  it('does nothing when the canonical form is the same', async () => {
    const first = await directory.put(OPEN_CALLER, 'c', bytes(resourceXml('c')));
    const revision = await test.store.revision();
    const again = await directory.put(OPEN_CALLER, 'c', bytes(resourceXml('c').replaceAll('><', '>\n  <')));
    expect(again).to.include({ outcome: 'unchanged', etag: first.etag });
    expect(await test.store.revision()).to.equal(revision);
  });

  const conditions: readonly {
    readonly name: string;
    readonly exists: boolean;
    readonly options: (etag: string) => object;
    readonly outcome: string | ProblemCode;
  }[] = [
    { name: 'If-Match with the current tag', exists: true, options: (etag) => ({ ifMatch: [etag] }), outcome: 'replaced' },
    { name: 'If-Match with one of several', exists: true, options: (etag) => ({ ifMatch: ['"x"', etag] }), outcome: 'replaced' },
    { name: 'If-Match with an old tag', exists: true, options: () => ({ ifMatch: ['"x"'] }), outcome: 'precondition-failed' },
    { name: 'If-Match * on what exists', exists: true, options: () => ({ ifMatch: ['*'] }), outcome: 'replaced' },
    { name: 'If-Match * on what does not', exists: false, options: () => ({ ifMatch: ['*'] }), outcome: 'precondition-failed' },
    { name: 'If-None-Match * on what exists', exists: true, options: () => ({ ifNoneMatch: '*' }), outcome: 'precondition-failed' },
    { name: 'If-None-Match * on what does not', exists: false, options: () => ({ ifNoneMatch: '*' }), outcome: 'created' },
  ];
  for (const [k, condition] of conditions.entries()) {
    it(`${condition.name}: ${condition.outcome}`, async () => {
      const id = `condition-${k}`;
      const etag = condition.exists ? (await directory.put(OPEN_CALLER, id, bytes(resourceXml(id)))).etag : '';
      const write = directory.put(OPEN_CALLER, id, bytes(resourceXml(id, { cpu: '8' })), condition.options(etag));
      const outcome = await write.then(
        (published) => published.outcome,
        (error: Problem) => error.code,
      );
      expect(outcome).to.equal(condition.outcome);
    });
  }

  it('checks everything and stores nothing with dryRun', async () => {
    const revision = await test.store.revision();
    const published = await directory.put(OPEN_CALLER, 'dry', bytes(resourceXml('dry')), { dryRun: true });
    expect(published).to.include({ outcome: 'created', canonical: resourceXml('dry') });
    expect(directory.get(OPEN_CALLER, 'dry')).to.equal(undefined);
    expect((await problemOf(directory.put(OPEN_CALLER, 'dry', bytes('<x/>'), { dryRun: true }))).code).to.equal('invalid-resource');
    expect(await test.store.revision()).to.equal(revision);
  });

  it('removes, and then there is nothing', async () => {
    await directory.put(OPEN_CALLER, 'gone', bytes(resourceXml('gone')));
    await directory.remove(OPEN_CALLER, 'gone');
    expect(directory.get(OPEN_CALLER, 'gone')).to.equal(undefined);
    expect(await count("/r:resource[@id='gone']")).to.equal(0);
    expect((await problemOf(directory.remove(OPEN_CALLER, 'gone'))).code).to.equal('not-found');
  });

  it('lets one of many simultaneous creators win', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, k) => directory.create(OPEN_CALLER, bytes(resourceXml('race', { cpu: String(k) })))),
    );
    expect(tries.filter((result) => result.status === 'fulfilled')).to.have.length(1);
    for (const result of tries) if (result.status === 'rejected') expect(result.reason).to.include({ code: 'already-exists' });
  });

  it('never loses an update of simultaneous compare-and-set writers', async () => {
    await directory.put(OPEN_CALLER, 'counter', bytes(resourceXml('counter', { cpu: '0' })));
    const increment = async (): Promise<void> => {
      for (;;) {
        const current = directory.get(OPEN_CALLER, 'counter');
        const value = Number(/<f:cpu>(\d+)/.exec(new TextDecoder().decode(current?.xml))?.[1]);
        try {
          await directory.put(OPEN_CALLER, 'counter', bytes(resourceXml('counter', { cpu: String(value + 1) })), {
            ifMatch: [current?.etag ?? ''],
          });
          return;
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== 'precondition-failed') throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(new TextDecoder().decode(directory.get(OPEN_CALLER, 'counter')?.xml)).to.contain('<f:cpu>12</f:cpu>');
  });

  it('keeps the place of a replaced resource in publication order', async () => {
    const order = async (): Promise<string> => {
      const answer = await directory.discover(OPEN_CALLER, { xpath: "/r:resource[starts-with(@id, 'order-')]/@id" });
      const ids: string[] = [];
      if (answer.type === 'nodeset') for await (const item of answer.items) ids.push(item.value);
      return ids.join(' ');
    };
    for (const id of ['order-1', 'order-2', 'order-3']) await directory.put(OPEN_CALLER, id, bytes(resourceXml(id)));
    await directory.put(OPEN_CALLER, 'order-1', bytes(resourceXml('order-1', { cpu: '9' })));
    expect(await order()).to.equal('order-1 order-2 order-3');
  });
});

describe('opening again', () => {
  it('finds everything, in the same order, with the same entity tags', async () => {
    const first = await openTestDirectory();
    for (let k = 0; k < 30; k++) await first.directory.put(OPEN_CALLER, `n${k}`, bytes(resourceXml(`n${k}`, { cpu: String(k) })));
    for (let k = 0; k < 30; k += 7) await first.directory.put(OPEN_CALLER, `n${k}`, bytes(resourceXml(`n${k}`, { cpu: 'changed' })));
    await first.directory.remove(OPEN_CALLER, 'n5');
    const before = first.directory
      .list(OPEN_CALLER, { limit: 100 })
      .items.map(({ id }) => [id, first.directory.get(OPEN_CALLER, id)?.etag]);
    await first.directory.close();
    const again = await openTestDirectory({ folder: first.folder });
    const after = again.directory.list(OPEN_CALLER, { limit: 100 }).items.map(({ id }) => [id, again.directory.get(OPEN_CALLER, id)?.etag]);
    expect(after).to.deep.equal(before);
    await again.destroy();
  });
});
