import { expect } from 'chai';
import { type BulkResult, checkDirectory, OPEN_CALLER } from '../../src/directory/index.js';
import { Problem } from '../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from './open-test-directory.js';

describe('bulk', () => {
  let test: TestDirectory;
  beforeEach(async () => {
    test = await openTestDirectory();
  });
  afterEach(() => test.destroy());

  async function* body(text: string): AsyncIterable<Uint8Array> {
    const all = bytes(text);
    for (let from = 0; from < all.length; from += 1000) yield all.subarray(from, from + 1000);
  }
  async function send(
    text: string,
    options: { readonly form: 'resources' | 'lines'; readonly atomic: boolean; readonly upsert: boolean; readonly dryRun?: boolean },
  ): Promise<BulkResult[] | Problem> {
    const results: BulkResult[] = [];
    try {
      for await (const result of test.directory.bulk(OPEN_CALLER, body(text), options)) results.push(result);
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
    return results;
  }
  const ids = (): string[] => test.directory.list(OPEN_CALLER, { limit: 10_000 }).items.map(({ id }) => id);
  const lines = (count: number): string => Array.from({ length: count }, (_, k) => resourceXml(`n${k}`, { cpu: String(k) })).join('\n');
  const wrapped = (documents: string): string => `<resources xmlns:f="urn:f">${documents}</resources>`;

  for (const form of ['lines', 'resources'] as const) {
    it(`stores all of ${form} as one commit, in their order`, async () => {
      const text = form === 'lines' ? lines(700) : wrapped(lines(700));
      const results = await send(text, { form, atomic: true, upsert: false });
      expect(results).to.have.length(700);
      expect(ids()).to.deep.equal(Array.from({ length: 700 }, (_, k) => `n${k}`));
      expect(await test.store.revision()).to.equal(1);
    });
  }

  it('stores nothing when one is refused, and names all that are', async () => {
    const problem = await send(`${lines(3)}\n${resourceXml('bad', { scopes: [] })}\n${resourceXml('bad2', { facets: '' })}`, {
      form: 'lines',
      atomic: true,
      upsert: false,
    });
    expect(problem).to.be.instanceOf(Problem).and.to.include({ code: 'invalid-resource' });
    expect((problem as Problem).violations.map(({ message }) => message).join('\n'))
      .to.contain('document 4')
      .and.to.contain('document 5');
    expect(ids()).to.deep.equal([]);
  });

  it('gives each document its own fate with atomic=false', async () => {
    await test.directory.put(OPEN_CALLER, 'n1', bytes(resourceXml('n1')));
    const results = (await send(`${lines(3)}\n<x/>\n${resourceXml('last')}`, {
      form: 'lines',
      atomic: false,
      upsert: false,
    })) as BulkResult[];
    expect(results.map((result) => (result.ok ? result.published.outcome : result.code))).to.deep.equal([
      'created',
      'already-exists',
      'created',
      'invalid-resource',
      'created',
    ]);
    expect(ids()).to.have.members(['n1', 'n0', 'n2', 'last']);
  });

  it('replaces, creates and leaves alone with upsert', async () => {
    await send(lines(2), { form: 'lines', atomic: true, upsert: false });
    const text = `${resourceXml('n0', { cpu: '0' })}\n${resourceXml('n1', { cpu: 'new' })}\n${resourceXml('n2')}`;
    const results = (await send(text, { form: 'lines', atomic: true, upsert: true })) as BulkResult[];
    expect(results.map((result) => (result.ok ? result.published.outcome : result.code))).to.deep.equal([
      'unchanged',
      'replaced',
      'created',
    ]);
  });

  it('refuses the same id twice when it is all or nothing, and takes the last one otherwise', async () => {
    const twice = `${resourceXml('n', { cpu: '1' })}\n${resourceXml('n', { cpu: '2' })}`;
    expect(await send(twice, { form: 'lines', atomic: true, upsert: true })).to.include({ code: 'conflict' });
    expect(ids()).to.deep.equal([]);
    const results = (await send(twice, { form: 'lines', atomic: false, upsert: true })) as BulkResult[];
    expect(results.map((result) => result.ok && result.published.outcome)).to.deep.equal(['created', 'replaced']);
    expect(new TextDecoder().decode(test.directory.get(OPEN_CALLER, 'n')?.xml)).to.contain('>2<');
  });

  it('stores nothing with dryRun', async () => {
    const results = (await send(lines(3), { form: 'lines', atomic: true, upsert: false, dryRun: true })) as BulkResult[];
    expect(results.every((result) => result.ok)).to.equal(true);
    expect(await test.store.revision()).to.equal(0);
  });

  it('leaves a directory that passes its own check', async () => {
    await send(lines(50), { form: 'lines', atomic: true, upsert: false });
    const findings = [];
    for await (const finding of checkDirectory(test.store, test.xml)) findings.push(finding);
    expect(findings).to.deep.equal([]);
  });
});
