import { setTimeout as sleep } from 'node:timers/promises';
import { DOMParser, type Element } from '@xmldom/xmldom';
import { expect } from 'chai';
import type { Answer, Directory, Item, Question } from '../../src/directory/index.js';
import { Problem } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { dial, type Running, run, serve, withMethods } from './running.js';

const NS = 'ns.f=urn:f&ns.g=urn:g';
const parse = (xml: string): Element => new DOMParser().parseFromString(xml, 'application/xml').documentElement as Element;
const itemsIn = (xml: string): Element[] => Array.from(parse(xml).getElementsByTagNameNS('urn:facetry:answer', 'item'));

describe('http: discovery', () => {
  let server: Running;
  /** answers in place of the directory, when set */
  let instead: ((question: Question, signal?: AbortSignal) => Promise<Answer>) | undefined;
  let asked: Question | undefined;

  const wrap = (directory: Directory) =>
    withMethods(directory, {
      discover: (caller, question, signal) => {
        asked = question;
        return (instead ?? ((q, s) => directory.discover(caller, q, s)))(question, signal);
      },
    });

  before(async () => {
    server = await run({ wrap });
    for (const id of ['a', 'b', 'c'])
      await server.agent
        .put(`/resources/${id}`)
        .type('application/xml')
        .send(
          resourceXml(id, {
            cpu: String(id.charCodeAt(0) - 96),
            facets: `<f:hw><f:cpu>${id.charCodeAt(0) - 96}</f:cpu></f:hw><g:os xmlns:g="urn:g"><plain xmlns="">x &lt; y</plain></g:os>`,
          }),
        )
        .expect(201);
  });
  after(() => server.stop());
  afterEach(() => {
    instead = undefined;
  });

  const ask = (xpath: string, more = '') => server.agent.get(`/discover?xpath=${encodeURIComponent(xpath)}&${NS}${more}`).buffer(true);

  it('whole resources come as they were published, byte for byte', async () => {
    const answer = await ask('/*').expect(200).expect('Content-Type', 'application/xml; charset=utf-8');
    expect(parse(answer.text).getAttribute('total')).to.equal('3');
    expect(parse(answer.text).getAttribute('count')).to.equal('3');
    for (const id of ['a', 'b', 'c']) {
      const published = await server.agent.get(`/resources/${id}`).buffer(true);
      expect(answer.text).to.include(`<item resource="${id}">${published.text}</item>`);
    }
  });

  it('elements keep their namespaces, those without one too', async () => {
    const answer = await ask('//plain | //f:cpu').expect(200);
    const names = itemsIn(answer.text).map((item) => {
      const node = item.firstChild as Element;
      return `{${node.namespaceURI ?? ''}}${node.localName}=${node.textContent}`;
    });
    expect(names.filter((name) => name === '{}plain=x < y')).to.have.length(3);
    expect(names.filter((name) => name.startsWith('{urn:f}cpu='))).to.have.length(3);
    for (const { textContent } of itemsIn((await ask('//g:os')).text)) expect(textContent).to.equal('x < y');
  });

  it('other nodes come as text with their kind', async () => {
    const attributes = itemsIn((await ask('/*/@id')).text);
    expect(
      attributes.map((item) => [item.getAttribute('resource'), item.getAttribute('kind'), item.getAttribute('name'), item.textContent]),
    ).to.deep.equal([
      ['a', 'attribute', 'id', 'a'],
      ['b', 'attribute', 'id', 'b'],
      ['c', 'attribute', 'id', 'c'],
    ]);
    const texts = await ask('//plain/text()');
    expect(texts.text).to.include('<item resource="a" kind="text">x &lt; y</item>');
    const root = itemsIn((await ask('/')).text);
    expect(root[0]?.getAttribute('kind')).to.equal('root');
  });

  for (const [xpath, type, text, json] of [
    ['count(//f:cpu)', 'number', '3', 3],
    ['sum(//f:cpu) div 0', 'number', 'Infinity', 'Infinity'],
    ['number("x")', 'number', 'NaN', 'NaN'],
    ['1000000 * 1000000 * 1000000 * 1000000', 'number', '1000000000000000000000000', 1e24],
    ['string(//plain)', 'string', 'x < y', 'x < y'],
    ['//f:cpu > 2', 'boolean', 'true', true],
    ['false()', 'boolean', 'false', false],
  ] as const) {
    it(`${xpath} is a ${type}`, async () => {
      const answer = await ask(xpath).expect(200);
      expect([parse(answer.text).getAttribute('type'), parse(answer.text).textContent]).to.deep.equal([type, text]);
      const { body } = await ask(xpath, '&format=json').expect(200);
      expect([body.type, body.value]).to.deep.equal([type, json]);
    });
  }

  it('JSON holds elements as XML, other nodes as values', async () => {
    const { body } = await ask('/*[@id="a"] | /*[@id="a"]/@id', '&format=json').expect('Content-Type', 'application/json; charset=utf-8');
    expect(body).to.include({ type: 'nodeset', total: 2, count: 2 });
    expect(body.items[0]).to.include({ resource: 'a', kind: 'element', whole: true });
    expect(body.items[0].xml).to.match(/^<resource /);
    expect(body.items[1]).to.deep.equal({ resource: 'a', kind: 'attribute', name: 'id', value: 'a' });
  });

  it('pages are pinned to a revision and found by Link and next', async () => {
    const first = await ask('//f:cpu', '&limit=2').expect(200);
    const link = /^<([^>]+)>; rel="next"$/.exec(first.headers.link as string)?.[1] as string;
    expect(new URL(link, server.url).searchParams.get('cursor')).to.equal(parse(first.text).getAttribute('next'));
    const second = await server.agent.get(link).buffer(true).expect(200);
    expect(itemsIn(second.text).map((item) => item.getAttribute('resource'))).to.deep.equal(['c']);
    expect(parse(second.text).getAttribute('total')).to.equal('3');
    expect(second.headers).not.to.have.property('link');
    await ask('//plain', `&cursor=${parse(first.text).getAttribute('next')}`).expect(400);
  });

  it('count=true answers the number alone', async () => {
    const { body } = await ask('//f:cpu', '&count=true&format=json');
    expect(body).to.include({ type: 'number', value: 3 });
  });

  it('explain=true answers the plan too', async () => {
    const xml = await ask('//f:cpu[. = "2"]', '&explain=true').expect(200);
    const plan = parse(xml.text).getElementsByTagNameNS('urn:facetry:answer', 'operator');
    expect(plan.length).to.be.greaterThan(0);
    expect(plan[0]?.getAttribute('depth')).to.equal('0');
    const { body } = await ask('//f:cpu[. = "2"]', '&explain=true&format=json');
    expect(body.plan).to.have.length(plan.length);
  });

  it('tells revision, budget and time', async () => {
    const { headers, text } = await ask('//f:cpu', '&timeout=50');
    expect(headers['facetry-revision']).to.equal(parse(text).getAttribute('revision'));
    expect(headers['facetry-budget']).to.equal('time=50');
    expect(headers['server-timing']).to.match(/^query;dur=\d+\.\d{3}$/);
    expect((await ask('1', '&timeout=99999')).headers['facetry-budget']).to.equal('time=2000');
    const written = await server.agent.put('/resources/a2').type('application/xml').send(resourceXml('a2'));
    expect((await ask('1')).headers['facetry-revision']).to.equal(written.headers['facetry-revision']);
    await server.agent.delete('/resources/a2').expect(204);
  });

  it('variables are values, never syntax', async () => {
    const byText = await ask('count(//f:cpu[. = $x])', `&var.x=${encodeURIComponent('2 or 1=1')}&format=json`).expect(200);
    expect(byText.body.value).to.equal(0);
    expect((await ask('count(//f:cpu[. > $x])', '&var.x:number=1&format=json')).body.value).to.equal(2);
    expect((await ask('$b', '&var.b:boolean=false&format=json')).body).to.include({ type: 'boolean', value: false });
  });

  it('POST takes a form or JSON', async () => {
    const form = await server.agent
      .post('/discover')
      .type('form')
      .send(`xpath=${encodeURIComponent('count(//f:cpu[. > $x])')}&${NS}&var.x:number=1`)
      .buffer(true)
      .expect(200);
    expect(parse(form.text).textContent).to.equal('2');
    const json = await server.agent
      .post('/discover')
      .set('Accept', 'application/json')
      .send({ xpath: 'count(//f:cpu[. > $x])', namespaces: { f: 'urn:f' }, variables: { x: 1 } })
      .expect(200);
    expect(json.body.value).to.equal(2);
    await server.agent.post('/discover').type('application/xml').send('<a/>').expect(415);
    await server.agent.post('/discover').type('json').send('').expect(400);
    await server.agent.post('/discover?xpath=1').type('json').send('{"xpath":"1"}').expect(400);
    await server.agent.post('/discover').set('Content-Type', 'application/json; charset=utf-16').send('{"xpath":"1"}').expect(415);
  });

  it('an expression that is wrong is 400 with its place', async () => {
    const { body } = await ask('//f:cpu[', '&format=json').expect(400);
    expect(body.code).to.equal('invalid-xpath');
    expect(body.violations[0].column).to.be.a('number');
    await ask('//nobody:x').expect(400);
    await ask('$nobody').expect(400);
  });

  it('over budget is 422', async () => {
    instead = async () => {
      throw new Problem('query-over-budget', { detail: 'time' });
    };
    await ask('1').expect(422);
  });

  describe('large answers', () => {
    const item = (n: number): Item => ({
      resource: `r${n}`,
      kind: 'element',
      whole: false,
      value: `<f:x xmlns:f="urn:f">${n} ${'y'.repeat(1000)}</f:x>`,
      get bytes() {
        return Buffer.from(this.value);
      },
    });
    const endless = (count: number, onItem: (n: number) => void = () => {}, onEnd: () => void = () => {}): Answer => ({
      type: 'nodeset',
      total: count,
      count,
      revision: 'r',
      ms: 1,
      items: (async function* () {
        try {
          for (let n = 0; n < count; n += 1) {
            onItem(n);
            yield item(n);
          }
        } finally {
          onEnd();
        }
      })(),
    });

    it('are streamed whole, in XML and JSON, compressed and not', async () => {
      instead = async () => endless(20_000);
      for (const encoding of ['identity', 'gzip', 'br', 'deflate']) {
        const xml = await fetch(`${server.url}/discover?xpath=1`, { headers: { 'Accept-Encoding': encoding } });
        expect(xml.headers.get('content-encoding')).to.equal(encoding === 'identity' ? null : encoding);
        const text = await xml.text();
        expect(text.match(/<item resource="r\d+">/g)).to.have.length(20_000);
        expect(text.endsWith('</results>\n')).to.equal(true);
      }
      const json = (await (await fetch(`${server.url}/discover?xpath=1&format=json`)).json()) as { items: unknown[] };
      expect(json.items).to.have.length(20_000);
    }).timeout(20_000);

    it('wait for their reader, who is cut off when asleep; then the work stops', async () => {
      let made = 0;
      let ended = false;
      let signal: AbortSignal | undefined;
      instead = async (_, given) => {
        signal = given;
        return endless(
          10_000_000,
          (n) => (made = n),
          () => (ended = true),
        );
      };
      const impatient = await serve(server.directory, { times: { patience: 400, bytesPerSecond: 1e9 } });
      try {
        const socket = await dial(impatient.port);
        socket.pause();
        socket.write('GET /discover?xpath=1 HTTP/1.1\r\nHost: x\r\n\r\n');
        await sleep(200);
        const early = made;
        await sleep(100);
        // what the kernel's buffers hold, and no more
        expect(made).to.equal(early);
        expect(made).to.be.below(20_000);
        for (let wait = 0; wait < 100 && impatient.requests().length === 0; wait += 1) await sleep(20);
        expect(impatient.requests()[0]).to.include({ aborted: true, route: '/discover' });
        expect(ended).to.equal(true);
        expect(signal?.aborted).to.equal(true);
        socket.destroy();
      } finally {
        await impatient.stop();
      }
    });

    it('stop when the client goes away', async () => {
      let ended = false;
      instead = async () =>
        endless(
          10_000_000,
          () => {},
          () => (ended = true),
        );
      const socket = await dial(server.port, 'GET /discover?xpath=1 HTTP/1.1\r\nHost: x\r\n\r\n');
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
      for (let wait = 0; wait < 100 && !ended; wait += 1) await sleep(10);
      expect(ended).to.equal(true);
      expect(server.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([]);
    });

    it('that fail half-way end the connection, so nobody takes them for complete', async () => {
      instead = async () =>
        endless(1000, (n) => {
          if (n === 500) throw new Problem('query-over-budget');
        });
      const error = await fetch(`${server.url}/discover?xpath=1`)
        .then((answer) => answer.text())
        .catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
      instead = async () =>
        endless(1000, (n) => {
          if (n === 1) throw new Problem('query-over-budget');
        });
      // … unless nothing has been sent yet
      await server.agent.get('/discover?xpath=1').expect(422);
    });

    it('the evaluation stops when the client goes away while it runs', async () => {
      const aborted = new Promise<void>((resolve) => {
        instead = (_, signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => {
              resolve();
              reject(signal.reason);
            });
          });
      });
      const socket = await dial(server.port, 'GET /discover?xpath=1 HTTP/1.1\r\nHost: x\r\n\r\n');
      await sleep(50);
      socket.destroy();
      await aborted;
      await sleep(20);
      expect(server.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([]);
    });
  });

  it('a long expression goes by POST', async () => {
    const xpath = `count(//f:cpu[. = "${'x'.repeat(20_000)}"])`;
    await ask(xpath).expect(414);
    const answer = await server.agent
      .post('/discover')
      .send({ xpath, namespaces: { f: 'urn:f' } })
      .set('Accept', 'application/json')
      .expect(200);
    expect(answer.body.value).to.equal(0);
    expect(asked?.xpath).to.equal(xpath);
  });

  it('HEAD tells the headers and makes no items', async () => {
    let made = 0;
    instead = async () => ({
      type: 'nodeset',
      total: 5,
      count: 5,
      revision: 'r',
      ms: 1,
      items: (async function* () {
        made += 1;
        yield* [] as Item[];
      })(),
    });
    await server.agent.head('/discover?xpath=1').expect(200).expect('Facetry-Revision', 'r');
    expect(made).to.equal(0);
  });

  // kept last: what the routes were given is what the directory takes
  it('asks the directory with plain data', () => expect(Object.keys(asked ?? {})).to.include.members(['xpath', 'namespaces', 'variables']));
});
