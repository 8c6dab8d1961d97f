/** Standing questions against a naive twin that asks everything anew after every commit; and what happens at the edges. */
import { expect } from 'chai';
import { type Caller, type Directory, OPEN_CALLER, type WatchEvent, type WatchOptions } from '../../src/directory/index.js';
import { random, seedFrom } from '../servers/random.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from './open-test-directory.js';

const RUNS = Number(process.env.FACETRY_WATCH_RUNS ?? 12);
const COMMITS = 40;
const inA: Caller = { principal: 'a', scopes: ['/a'], publishes: ['/a'] };

const byResource = [
  '/r:resource',
  '//f:hw[f:cpu > 3]',
  '//f:cpu',
  "/r:resource[f:hw/f:cpu = '4']/@id",
  "//f:hw[f:cpu = '2' or f:cpu = '5']/f:cpu/text()",
  '/r:resource[not(f:hw)]',
  '/r:resource/r:scope',
  "//f:os[contains(., 'ebi')] | //f:hw[1]/f:cpu[2]",
];
const together = ['count(//f:cpu)', '(//f:hw)[1]/f:cpu', '//f:hw[f:cpu = //f:os/f:min]', 'sum(//f:cpu) div 0'];
const ns = { f: 'urn:f' };

/** What a reader knows from the events it was told. */
class Reader {
  readonly state = new Map<string, string>();
  value: unknown;
  cursor: string | undefined;
  gaps = 0;
  ended: string | undefined;

  take(event: WatchEvent): void {
    if ('cursor' in event && event.cursor !== undefined) this.cursor = event.cursor;
    if (event.kind === 'enter') expect(this.state.has(event.resource), `${event.resource} enters once`).to.equal(false);
    if (event.kind === 'update' || event.kind === 'leave')
      expect(this.state.has(event.resource), `${event.resource} is known`).to.equal(true);
    if (event.kind === 'enter' || event.kind === 'update') {
      const told = event.items.map(({ value }) => value).join('\n');
      expect(told, 'an update says something new').not.to.equal(this.state.get(event.resource));
      this.state.set(event.resource, told);
    } else if (event.kind === 'leave') this.state.delete(event.resource);
    else if (event.kind === 'value') this.value = event.value;
    else if (event.kind === 'gap') {
      this.gaps++;
      this.state.clear();
    } else if (event.kind === 'end') this.ended = event.reason;
  }
}

/** Reads on in the background; `until` waits for something to be known. */
function read(directory: Directory, caller: Caller, xpath: string, reader: Reader, more: Partial<WatchOptions> = {}) {
  const gone = new AbortController();
  const done = (async () => {
    const options = { signal: gone.signal, heartbeat: 20, ...(reader.cursor === undefined ? {} : { cursor: reader.cursor }), ...more };
    for await (const event of await directory.watch(caller, { xpath, namespaces: ns }, options)) {
      reader.take(event);
      if (gone.signal.aborted) return;
    }
  })();
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      gone.abort();
      await done;
    },
  };
}

async function asked(directory: Directory, caller: Caller, xpath: string): Promise<Reader> {
  const fresh = new Reader();
  const answer = await directory.discover(caller, { xpath, namespaces: ns });
  if (answer.type !== 'nodeset') fresh.value = answer.value;
  else {
    const found = new Map<string, string[]>();
    for await (const { resource, value } of answer.items) found.set(resource, [...(found.get(resource) ?? []), value]);
    for (const [resource, values] of found) fresh.state.set(resource, values.join('\n'));
  }
  return fresh;
}

async function eventually(check: () => unknown): Promise<void> {
  const end = Date.now() + 5000;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

describe('Watching a directory', () => {
  let test: TestDirectory;
  let directory: Directory;
  beforeEach(async () => {
    test = await openTestDirectory();
    directory = test.directory;
  });
  afterEach(() => test.destroy());
  const put = (id: string, options: Parameters<typeof resourceXml>[1] = {}, caller = OPEN_CALLER) =>
    directory.put(caller, id, bytes(resourceXml(id, options)));

  it(`tells exactly what a twin sees that asks anew, ${RUNS} histories with readers that come and go`, async function () {
    this.timeout(60_000 + RUNS * 5000);
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const { int } = random(seed);
    const pick = <T>(of: readonly T[]) => of[int(of.length)] as T;
    let events = 0;
    let resumed = 0;
    for (let run = 0; run < RUNS; run++) {
      const world = await openTestDirectory();
      try {
        const callers = [OPEN_CALLER, inA];
        const watched = Array.from({ length: 6 }, () => ({
          xpath: pick([...byResource, ...together]),
          caller: pick(callers),
          reader: new Reader(),
        }));
        const reading = new Map(watched.map((one) => [one, read(world.directory, one.caller, one.xpath, one.reader)]));
        const change = async () => {
          const id = `n${int(8)}`;
          if (int(4) === 0) return world.directory.remove(OPEN_CALLER, id).catch(() => undefined);
          const facets = pick([
            `<f:hw><f:cpu>${int(7)}</f:cpu></f:hw>`,
            `<f:hw><f:cpu>${int(7)}</f:cpu><f:cpu>1</f:cpu></f:hw><f:os><f:name>Debian</f:name><f:min>${int(4)}</f:min></f:os>`,
            '<f:os><f:name>other</f:name></f:os>',
          ]);
          const scopes = pick([['/a'], ['/b'], ['/a', '/b']]);
          await world.directory.put(OPEN_CALLER, id, bytes(resourceXml(id, { facets, scopes })));
        };
        for (let k = 0; k < COMMITS; k++) {
          if (int(5) === 0) await Promise.all([change(), change(), change()].map((one) => one.catch(() => undefined)));
          else await change();
          if (int(6) > 0) continue;
          const one = pick(watched);
          await reading.get(one)?.stop();
          if (int(2) === 0) await change();
          reading.set(one, read(world.directory, one.caller, one.xpath, one.reader));
          resumed++;
        }
        for (const { xpath, caller, reader } of watched) {
          const twin = await asked(world.directory, caller, xpath);
          await eventually(() => {
            expect([...reader.state].sort(), `${xpath} of ${caller.principal}`).to.deep.equal([...twin.state].sort());
            expect(reader.value, xpath).to.deep.equal(twin.value);
          });
          expect(reader.gaps, `${xpath}: gaps`).to.equal(0);
          events += reader.state.size;
        }
        for (const one of reading.values()) await one.stop();
        expect(world.directory.watching).to.include({ watchers: 0, questions: 0, buffered: 0 });
      } finally {
        await world.destroy();
      }
    }
    expect(events, 'something was watched').to.be.greaterThan(RUNS);
    expect(resumed, 'readers that came back').to.be.greaterThan(RUNS);
  });

  it('goes on in the middle of what there was at first, and in the middle of a commit', async () => {
    for (let k = 0; k < 6; k++) await put(`n${k}`);
    const seen: string[] = [];
    const first = await directory.watch(OPEN_CALLER, { xpath: '//f:hw', namespaces: ns }, { signal: new AbortController().signal });
    let cursor = '';
    for await (const event of first) {
      seen.push('resource' in event ? event.resource : event.kind);
      cursor = 'cursor' in event ? (event.cursor as string) : '';
      if (seen.length === 3) break;
    }
    const lines = ['n1', 'n8', 'n9', 'n10'].map((id) => resourceXml(id, { cpu: '9' })).join('\n');
    for await (const _ of directory.bulk(OPEN_CALLER, one(bytes(lines)), { form: 'lines', atomic: true, upsert: true })) void _;
    for (let stop = 5; stop <= 9; stop++) {
      const gone = new AbortController();
      for await (const event of await directory.watch(OPEN_CALLER, { xpath: '//f:hw', namespaces: ns }, { cursor, signal: gone.signal })) {
        seen.push('resource' in event ? `${event.kind} ${event.resource}` : event.kind);
        cursor = 'cursor' in event ? (event.cursor as string) : '';
        if (seen.length >= stop) gone.abort();
      }
    }
    expect(seen).to.deep.equal(['n0', 'n1', 'n2', 'enter n3', 'enter n4', 'enter n5', 'ready', 'update n1', 'enter n8']);
  });

  it('says nothing of what its caller does not see, and of scopes only what it sees', async () => {
    const reader = new Reader();
    const reading = read(directory, inA, '/r:resource', reader);
    await put('x', { scopes: ['/b'] });
    await put('y', { scopes: ['/a', '/b'] });
    await eventually(() => expect([...reader.state.keys()]).to.deep.equal(['y']));
    expect(reader.state.get('y')).to.contain('<scope>/a</scope>').and.not.to.contain('/b');
    const before = reader.state.get('y');
    await put('y', { scopes: ['/a', '/c'] });
    await put('z', { scopes: ['/a'] });
    await eventually(() => expect(reader.state.has('z')).to.equal(true));
    expect(reader.state.get('y'), 'a change elsewhere is none').to.equal(before);
    await put('y', { scopes: ['/b'] });
    await eventually(() => expect([...reader.state.keys()]).to.deep.equal(['z']));
    await reading.stop();
  });

  it('cuts off who does not read, with the reason, and nobody else waits', async () => {
    const gone = new AbortController();
    let cut = 0;
    const events = await directory.watch(
      OPEN_CALLER,
      { xpath: '/r:resource', namespaces: ns },
      { signal: gone.signal, onCut: () => cut++ },
    );
    const iterator = events[Symbol.asyncIterator]();
    expect((await iterator.next()).value).to.include({ kind: 'ready' });
    const large = `<f:hw><f:note>${'x'.repeat(200_000)}</f:note></f:hw>`;
    const quick = new Reader();
    const reading = read(directory, OPEN_CALLER, '//f:note', quick);
    for (let k = 0; k < 12; k++) await put(`n${k}`, { facets: large });
    await eventually(() => expect(quick.state.size).to.equal(12));
    expect(cut).to.equal(1);
    expect(directory.watching.cut).to.equal(1);
    expect((await iterator.next()).value).to.include({ kind: 'end', reason: 'slow' });
    expect((await iterator.next()).done).to.equal(true);
    await reading.stop();
  });

  it('ends with a place to go on when the server closes', async () => {
    await put('a');
    const closing = new AbortController();
    const reader = new Reader();
    const reading = read(directory, OPEN_CALLER, '//f:hw', reader, { closing: closing.signal });
    await eventually(() => expect(reader.state.size).to.equal(1));
    closing.abort();
    await reading.done;
    expect(reader.ended).to.equal('closing');
    await put('b');
    const again = read(directory, OPEN_CALLER, '//f:hw', reader);
    await eventually(() => expect([...reader.state.keys()]).to.deep.equal(['a', 'b']));
    await again.stop();
  });

  it('says that there is a gap when the past is gone, and tells everything anew', async () => {
    const reader = new Reader();
    for (const id of ['a', 'b']) await put(id);
    const reading = read(directory, OPEN_CALLER, '//f:cpu', reader);
    await eventually(() => expect(reader.state.size).to.equal(2));
    await reading.stop();
    await directory.remove(OPEN_CALLER, 'a');
    // without a snapshot beside the store, a start knows nothing of what was before it
    await test.directory.close();
    const next = await openTestDirectory({ folder: test.folder });
    const again = read(next.directory, OPEN_CALLER, '//f:cpu', reader);
    await eventually(() => expect([...reader.state.keys()]).to.deep.equal(['b']));
    expect(reader.gaps).to.equal(1);
    await again.stop();
    test = next;
  });

  it('refuses a question that is none, a cursor of another question, and one that selects too much', async () => {
    const options = { signal: new AbortController().signal };
    const code = (work: Promise<unknown>) => work.then(() => 'done').catch(({ code: said }) => said);
    expect(await code(directory.watch(OPEN_CALLER, { xpath: '//f:hw[' }, options))).to.equal('invalid-xpath');
    const reader = new Reader();
    const reading = read(directory, OPEN_CALLER, '//f:hw', reader);
    await eventually(() => expect(reader.cursor).to.be.a('string'));
    await reading.stop();
    const { cursor } = reader;
    expect(await code(directory.watch(OPEN_CALLER, { xpath: '//f:cpu', namespaces: ns }, { ...options, cursor }))).to.equal('bad-request');
    expect(await code(directory.watch(inA, { xpath: '//f:hw', namespaces: ns }, { ...options, cursor }))).to.equal('bad-request');
    const many = `<f:hw>${'<f:cpu>1</f:cpu>'.repeat(12_000)}</f:hw>`;
    await put('many', { facets: many });
    expect(await code(directory.watch(OPEN_CALLER, { xpath: '(//f:cpu)[. = 1]/../f:cpu[//f:cpu]', namespaces: ns }, options))).to.equal(
      'query-over-budget',
    );
  });

  describe('the feed of changes', () => {
    const feed = async (caller: Caller, cursor?: string, limit = 100) =>
      directory.changes(caller, { limit, wait: 0, signal: new AbortController().signal, ...(cursor === undefined ? {} : { cursor }) });
    const said = ({ items }: { items: readonly { kind: string; resource: string }[] }) =>
      items.map(({ kind, resource }) => `${kind} ${resource}`);

    it('begins now, tells in order, page by page', async () => {
      await put('old');
      const { items, next } = await feed(OPEN_CALLER);
      expect(items).to.deep.equal([]);
      await put('a');
      await put('a', { cpu: '9' });
      await directory.remove(OPEN_CALLER, 'old');
      const page = await feed(OPEN_CALLER, next, 2);
      expect(said(page)).to.deep.equal(['created a', 'replaced a']);
      expect(said(await feed(OPEN_CALLER, page.next))).to.deep.equal(['removed old']);
    });

    it('waits for a change, and for nothing longer than told', async () => {
      const { next } = await feed(inA);
      const signal = new AbortController().signal;
      const waiting = directory.changes(inA, { cursor: next, limit: 10, wait: 5000, signal });
      await put('b', { scopes: ['/b'] });
      await put('a', { scopes: ['/a'] });
      expect(said(await waiting)).to.deep.equal(['created a']);
      const none = await directory.changes(inA, { cursor: (await feed(inA)).next, limit: 10, wait: 30, signal });
      expect(none.items).to.deep.equal([]);
    });

    it('tells of what comes into and goes out of sight, and not of what changes elsewhere', async () => {
      const { next } = await feed(inA);
      await put('x', { scopes: ['/b'] });
      await put('x', { scopes: ['/a', '/b'] });
      await put('x', { scopes: ['/a', '/c'] });
      await put('x', { scopes: ['/a', '/c'], cpu: '7' });
      await put('x', { scopes: ['/c'] });
      expect(said(await feed(inA, next))).to.deep.equal(['created x', 'replaced x', 'removed x']);
    });
  });
});

async function* one(value: Uint8Array) {
  yield value;
}
