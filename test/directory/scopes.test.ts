/** What a caller that is limited to scopes sees and changes, and what it leaves alone. */
import { expect } from 'chai';
import type { Caller, Directory } from '../../src/directory/index.js';
import { OPEN_CALLER } from '../../src/directory/index.js';
import { Problem } from '../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from './open-test-directory.js';

const publisher = (...scopes: string[]): Caller => ({ principal: 'team', scopes, publishes: scopes });
const inA = publisher('/a');
const inB = publisher('/b');
const inBoth = publisher('/a', '/b');

async function codeOf(work: Promise<unknown>): Promise<string> {
  const result = await work.catch((error) => error);
  if (result instanceof Problem) return result.code;
  if (result instanceof Error) throw result;
  return 'done';
}

const text = (directory: Directory, caller: Caller, id: string) => {
  const found = directory.get(caller, id);
  return found && Buffer.from(found.xml).toString();
};
const scopesOf = (directory: Directory, caller: Caller, id: string) =>
  [...(text(directory, caller, id) ?? '').matchAll(/<scope>([^<]*)</g)].map(([, scope]) => scope);

describe('A caller in some scopes', () => {
  let test: TestDirectory;
  let directory: Directory;
  beforeEach(async () => {
    test = await openTestDirectory();
    directory = test.directory;
  });
  afterEach(() => test.destroy());

  it('sees of a resource only the scopes it operates in, and a tag of just that', async () => {
    await directory.put(OPEN_CALLER, 'x', bytes(resourceXml('x', { scopes: ['/a', '/b'] })));
    await directory.put(OPEN_CALLER, 'y', bytes(resourceXml('y', { scopes: ['/a'] })));
    expect(scopesOf(directory, inA, 'x')).to.deep.equal(['/a']);
    const alone = await openTestDirectory();
    await alone.directory.put(OPEN_CALLER, 'x', bytes(resourceXml('x', { scopes: ['/a'] })));
    expect(directory.get(inA, 'x')).to.include({ etag: alone.directory.get(OPEN_CALLER, 'x')?.etag });
    await alone.destroy();
  });

  it('replaces what it sees; scopes that it does not see stay', async () => {
    await directory.put(OPEN_CALLER, 'x', bytes(resourceXml('x', { scopes: ['/b', '/a'] })));
    const done = await directory.put(inA, 'x', bytes(resourceXml('x', { scopes: ['/a'], cpu: '99' })));
    expect(done.outcome).to.equal('replaced');
    expect(done.etag).to.equal(directory.get(inA, 'x')?.etag);
    expect(scopesOf(directory, OPEN_CALLER, 'x')).to.have.members(['/a', '/b']);
    expect(text(directory, inB, 'x')).to.contain('99');
  });

  it('may publish what it has seen back without a change', async () => {
    await directory.put(OPEN_CALLER, 'x', bytes(resourceXml('x', { scopes: ['/b', '/a'] })));
    const before = await test.store.revision();
    expect((await directory.put(inA, 'x', bytes(text(directory, inA, 'x') as string))).outcome).to.equal('unchanged');
    expect(await test.store.revision()).to.equal(before);
  });

  it('removes a resource from the scopes it sees; elsewhere it stays', async () => {
    await directory.put(OPEN_CALLER, 'x', bytes(resourceXml('x', { scopes: ['/b', '/a'] })));
    await directory.remove(inA, 'x');
    expect(directory.get(inA, 'x')).to.equal(undefined);
    expect(scopesOf(directory, OPEN_CALLER, 'x')).to.deep.equal(['/b']);
    await directory.remove(inB, 'x');
    expect(directory.get(OPEN_CALLER, 'x')).to.equal(undefined);
  });

  const refused: readonly (readonly [what: string, caller: Caller, scopes: readonly string[], code: string])[] = [
    ['into a scope of another one', inA, ['/b'], 'forbidden'],
    ['into its own and another', inA, ['/a', '/b'], 'forbidden'],
    ['into one below its own that it does not operate in', inA, ['/a/x'], 'forbidden'],
    ['as a reader', { ...inA, publishes: [] }, ['/a'], 'forbidden'],
    ['a facet that is not its to write', { ...inA, facets: ['urn:other*'] }, ['/a'], 'forbidden'],
    ['into its own', inA, ['/a'], 'done'],
    ['into one below its own in which it operates', { ...inA, scopes: ['/a/x'] }, ['/a/x'], 'done'],
  ];
  for (const [what, caller, scopes, code] of refused) {
    it(`publishing ${what}: ${code}`, async () => {
      expect(await codeOf(directory.put(caller, 'new', bytes(resourceXml('new', { scopes: [...scopes] }))))).to.equal(code);
    });
  }

  it('who sees a resource and may publish in none of its scopes cannot change it', async () => {
    await directory.put(OPEN_CALLER, 'x', bytes(resourceXml('x', { scopes: ['/a'] })));
    const reader: Caller = { principal: 'r', scopes: ['/a'], publishes: ['/c'] };
    expect(await codeOf(directory.put(reader, 'x', bytes(resourceXml('x', { scopes: ['/a'], cpu: '7' }))))).to.equal('forbidden');
    expect(await codeOf(directory.remove(reader, 'x'))).to.equal('forbidden');
  });

  describe('and an id that somebody it does not see has used', () => {
    it('is free for it; each sees its own, and who sees both the older one', async () => {
      await directory.put(inA, 'x', bytes(resourceXml('x', { scopes: ['/a'], cpu: '1' })));
      expect((await directory.put(inB, 'x', bytes(resourceXml('x', { scopes: ['/b'], cpu: '2' })))).outcome).to.equal('created');
      expect((await directory.create(publisher('/c'), bytes(resourceXml('x', { scopes: ['/c'], cpu: '3' })))).outcome).to.equal('created');
      expect(text(directory, inA, 'x')).to.contain('>1<');
      expect(text(directory, inB, 'x')).to.contain('>2<');
      expect(text(directory, publisher('/c'), 'x')).to.contain('>3<');
      expect(text(directory, OPEN_CALLER, 'x')).to.contain('>1<');
      expect(directory.list(OPEN_CALLER, { limit: 9 }).items.map(({ id }) => id)).to.deep.equal(['x', 'x', 'x']);
      const count = await directory.discover(OPEN_CALLER, { xpath: "count(id('x'))" });
      expect(count).to.include({ value: 3 });
      expect(await directory.discover(inB, { xpath: "string(id('x')//*[local-name()='cpu'])" })).to.include({ value: '2' });

      await directory.put(inB, 'x', bytes(resourceXml('x', { scopes: ['/b'], cpu: '22' })));
      await directory.remove(inA, 'x');
      expect(directory.get(inA, 'x')).to.equal(undefined);
      expect(text(directory, OPEN_CALLER, 'x')).to.contain('>22<');
      await directory.put(inA, 'x', bytes(resourceXml('x', { scopes: ['/a'], cpu: '11' })));
      expect(text(directory, inA, 'x')).to.contain('>11<');

      // the same after a restart, from the store alone
      const all = (where: Directory) => [inA, inB, publisher('/c')].map((caller) => text(where, caller, 'x'));
      const before = all(directory);
      await directory.close();
      const again = await openTestDirectory({ folder: test.folder });
      expect(all(again.directory)).to.deep.equal(before);
      await again.directory.remove(inB, 'x');
      expect(all(again.directory)).to.deep.equal([before[0], undefined, before[2]]);
      await again.directory.close();
    });

    it('stays one resource a scope', async () => {
      await directory.put(inA, 'x', bytes(resourceXml('x', { scopes: ['/a'], cpu: '1' })));
      await directory.put(inB, 'x', bytes(resourceXml('x', { scopes: ['/b'], cpu: '2' })));
      expect(await codeOf(directory.put(inBoth, 'x', bytes(resourceXml('x', { scopes: ['/a', '/b'] }))))).to.equal('conflict');
      expect(await codeOf(directory.edit(inBoth, 'x', { kind: 'add-scope', scope: '/b' }))).to.equal('conflict');
    });
  });

  it('is shown no revision and no cursor that counts the commits of others', async () => {
    for (const id of ['x', 'y', 'z']) await directory.put(inA, id, bytes(resourceXml(id, { scopes: ['/a'] })));
    const done = await directory.put(inA, 'x', bytes(resourceXml('x', { scopes: ['/a'], cpu: '5' })));
    expect(done.revision).to.equal(undefined);
    const answer = await directory.discover(inA, { xpath: '/*', limit: 1 });
    expect(answer.revision).to.equal(undefined);
    const next = answer.type === 'nodeset' ? (answer.next as string) : '';
    expect(Buffer.from(next, 'base64url').toString('latin1')).not.to.match(/^\d+\.\d+/);
    const page = await directory.discover(inA, { xpath: '/*', limit: 1, cursor: next });
    expect(page.type === 'nodeset' && page.count).to.equal(1);
    for (const caller of [inB, OPEN_CALLER]) {
      expect(await codeOf(directory.discover(caller, { xpath: '/*', limit: 1, cursor: next }))).to.equal('bad-request');
    }
    const plain = Buffer.from(`1.0.${'A'.repeat(11)}`).toString('base64url');
    expect(await codeOf(directory.discover(inA, { xpath: '/*', cursor: plain }))).to.equal('bad-request');
  });
});
