/** Standing questions over HTTP: Server-Sent Events, where they begin again, and how they end. */
import { get, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { connect, type WatchEvent } from '../../src/client/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, run } from './running.js';

const XML = 'application/xml';
const CPUS = 'xpath=//f:cpu&ns.f=urn:f';

interface Feed {
  readonly response: IncomingMessage;
  text(): string;
  until(pattern: RegExp): Promise<void>;
  readonly ended: Promise<void>;
  close(): void;
}

async function open(port: number, query: string, headers: Record<string, string> = {}): Promise<Feed> {
  const request = get({ port, path: `/watch?${query}`, headers: { Accept: 'text/event-stream', ...headers } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).once('error', reject));
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) => response.once('close', () => resolve()));
  response.on('error', () => undefined);
  return {
    response,
    text: () => text,
    async until(pattern) {
      const end = Date.now() + 5000;
      while (!pattern.test(text)) {
        if (Date.now() > end) throw new Error(`no ${pattern} in:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    },
    ended,
    close: () => request.destroy(),
  };
}

describe('http: watching', () => {
  let server: Running;
  beforeEach(async () => {
    server = await run();
  });
  afterEach(() => server.stop());
  const put = (id: string, cpu = '4') => server.agent.put(`/resources/${id}`).type(XML).send(resourceXml(id, { cpu }));

  it('sends what is there, then what changes, as events that no proxy keeps back', async () => {
    await put('a');
    const feed = await open(server.port, CPUS, { 'Accept-Encoding': 'gzip' });
    expect(feed.response.statusCode).to.equal(200);
    expect(feed.response.headers).to.include({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(feed.response.headers).not.to.have.property('content-encoding');
    await feed.until(/event: ready/);
    await put('b', '7');
    await put('a', '5');
    await server.agent.delete('/resources/b');
    await feed.until(/event: leave/);
    const events = [...feed.text().matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, event, data]) => [
      event,
      JSON.parse(data as string).resource,
    ]);
    expect(events).to.deep.equal([
      ['enter', 'a'],
      ['ready', undefined],
      ['enter', 'b'],
      ['update', 'a'],
      ['leave', 'b'],
    ]);
    expect(feed.text()).to.match(
      /^retry: \d+\n\nid: [\w-]+\nevent: enter\ndata: \{"resource":"a","items":\[\{"resource":"a","kind":"element"/,
    );
    feed.close();
  });

  it('goes on after Last-Event-ID, and after the cursor in the address', async () => {
    await put('a');
    const feed = await open(server.port, CPUS);
    await feed.until(/event: ready/);
    const id = [...feed.text().matchAll(/^id: (.*)$/gm)].at(-1)?.[1] as string;
    feed.close();
    await put('b');
    for (const [query, headers] of [
      [CPUS, { 'Last-Event-ID': id }],
      [`${CPUS}&cursor=${id}`, {}],
    ] as const) {
      const again = await open(server.port, query, headers);
      await again.until(/"resource":"b"/);
      expect(again.text()).not.to.match(/"resource":"a"|ready|gap/);
      again.close();
    }
  });

  it('ends with a bookmark when the server closes, at once', async () => {
    const feed = await open(server.port, CPUS);
    await feed.until(/event: ready/);
    const began = performance.now();
    const { cut } = await server.server.close();
    await feed.ended;
    expect(feed.text()).to.match(/id: [\w-]+\nevent: end\ndata: \{"reason":"closing"\}\n\n$/);
    expect(cut).to.equal(0);
    expect(performance.now() - began).to.be.lessThan(3000);
  });

  it('cuts off a reader that takes nothing, and goes on for the others', async () => {
    const asleep = await open(server.port, 'xpath=/r:resource');
    asleep.response.pause();
    const awake = await open(server.port, CPUS);
    await awake.until(/event: ready/);
    const large = resourceXml('large', { facets: `<f:hw><f:cpu>1</f:cpu><f:note>${'x'.repeat(900_000)}</f:note></f:hw>` });
    let sent = 0;
    while (server.directory.watching.cut === 0 && sent++ < 60)
      await server.agent
        .put(`/resources/l${sent}`)
        .type(XML)
        .send(large.replace('id="large"', `id="l${sent}"`))
        .expect(201);
    expect(server.directory.watching.cut).to.equal(1);
    await awake.until(new RegExp(`"resource":"l${sent}"`));
    asleep.response.resume();
    await asleep.ended;
    expect(asleep.text()).to.match(/event: end\ndata: \{"reason":"slow"/);
    awake.close();
  });

  const refused: readonly (readonly [string, number, RegExp])[] = [
    ['xpath=//f:cpu[', 400, /invalid-xpath/],
    ['xpath=//zz:cpu', 400, /invalid-xpath/],
    ['', 400, /xpath/],
    [`${CPUS}&limit=3`, 400, /watching takes no limit/],
    ['xpath=//f:cpu&ns.f=urn:f&count=true', 400, /watch count\(…\)/],
    [`${CPUS}&cursor=nonsense`, 400, /cursor/],
  ];
  for (const [query, status, words] of refused) {
    it(`refuses ?${query}`, async () => {
      const { text } = await server.agent.get(`/watch?${query}`).set('Accept', 'text/event-stream').expect(status);
      expect(text).to.match(words);
    });
  }

  it('answers HEAD without staying', async () => {
    await server.agent.head(`/watch?${CPUS}`).expect(200).expect('Content-Type', 'text/event-stream');
    expect(server.directory.watching.watchers).to.equal(0);
  });

  it('is an iterator for the client, which opens a lost connection again where it broke', async () => {
    await put('a');
    const ended = new AbortController();
    const seen: string[] = [];
    const lost: unknown[] = [];
    const said = (event: WatchEvent) => ('resource' in event ? `${event.kind} ${event.resource}` : event.kind);
    const client = connect(server.url);
    const events = client.watch('//f:cpu[. > $least]', {
      namespaces: { f: 'urn:f' },
      variables: { least: 3 },
      signal: ended.signal,
      random: () => 0,
      onLost: (error) => lost.push(error),
    });
    for await (const event of events) {
      seen.push(said(event));
      if (event.kind === 'ready') {
        server.server.node.closeAllConnections();
        await put('b', '2');
        await put('c', '9');
      } else if (seen.length === 3) await put('a', '1');
      else if (seen.length === 4) ended.abort();
    }
    expect(seen).to.deep.equal(['enter a', 'ready', 'enter c', 'leave a']);
    expect(lost).to.have.length(1);
  });

  it('gives changes page by page, in XML and JSON, also to the client', async () => {
    const client = connect(server.url);
    const { next } = await client.changes();
    const waiting = client.changes({ cursor: next, wait: 5 });
    await put('a');
    const page = await waiting;
    expect(page.items.map(({ kind, resource }) => `${kind} ${resource}`)).to.deep.equal(['created a']);
    const { text } = await server.agent.get(`/changes?cursor=${next}`).expect(200);
    expect(text).to.match(
      /<changes xmlns="urn:facetry:answer" next="[\w-]+"><change kind="created" resource="a" at="[-\d]+T[\d:.]+Z"\/><\/changes>/,
    );
    await server.agent.get('/changes?wait=90s').expect(400);
    await server.agent.get('/changes?cursor=zzz').expect(400);
  });
});
