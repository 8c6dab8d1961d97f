// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references as a keeper's file has them
/** Keepers as processes, against a directory as a process. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Client, connect } from '../../src/client/index.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { type KeeperProcess, moduleOf, scriptOf, startKeeper, writeDelegate, writeKeeper } from '../servers/keeper.js';
import { freePort, temporaryFolder } from '../servers/process.js';

const constant = (name: string, value = 'v') => moduleOf(name, `return { value: '${value}' };`);

describe('a keeper', function () {
  this.timeout(60_000);
  let directory: Facetry;
  let client: Client;
  let url = '';
  let removeData = async () => {};
  let folder = '';
  let removeFolder = async () => {};
  const started: KeeperProcess[] = [];

  before(async () => {
    const data = await temporaryFolder('keep-data');
    removeData = data.remove;
    directory = await startFacetry({ data: data.path, args: ['--lease-grace', '1'] });
    url = `http://127.0.0.1:${directory.port}`;
    client = connect(url);
  });
  after(async () => {
    await directory.stop();
    await removeData();
  });
  let scope = '';
  let count = 0;
  beforeEach(async () => {
    const made = await temporaryFolder('keep');
    folder = made.path;
    removeFolder = made.remove;
    scope = `/t${count++}`;
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((keeper) => keeper.kill()));
    await removeFolder();
  });

  /** A keeper's file of these resources, in this test's scope. */
  const config = (resources: string, more = '') =>
    `name: k${count}\nscopes: [${scope}]\nschedule: { every: 1s }\ndelegates: { folders: ./delegates }\n${more}\nresources:\n${resources}\n`;

  function start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): KeeperProcess {
    const keeper = startKeeper({ folder, url, args, env });
    started.push(keeper);
    return keeper;
  }

  async function until<T>(what: string, look: () => Promise<T | undefined | false>, seconds = 20): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      if (Date.now() > end) {
        const log = started.flatMap((keeper) => keeper.log().map((line) => JSON.stringify(line)));
        throw new Error(`not within ${seconds} s: ${what}\n${log.slice(-30).join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Texts of the `value`s in this test's scope, by `id facet`. */
  async function values(): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for await (const node of client.discover(`/r:resource[r:scope = '${scope}']//*[local-name() = 'value']`)) {
      if (node.kind === 'element') found[node.resource] = `${found[node.resource] ?? ''}${/>([^<]*)</.exec(node.xml)?.[1]} `;
    }
    return Object.fromEntries(Object.entries(found).map(([id, text]) => [id, text.trim()]));
  }

  const facetsOf = async (id: string) => (await client.get(id))?.read().facets.map(({ name }) => name.local) ?? [];

  it('publishes what the delegates give, and itself; a run in which nothing changed writes nothing', async () => {
    writeKeeper(folder, config('  - { id: quiet, name: n1, description: d, facets: [{ delegate: a }, { delegate: b }] }'), {
      'a.mjs': constant('a', '1'),
      b: scriptOf('b', `echo '{"value":2}'`),
    });
    const keeper = start(['--log-level', 'debug']);
    await until('the resource', async () => (await values()).quiet === '1 2');
    const self = await until('the keeper itself', () => client.get(`keeper-k${count}`));
    expect(self.xml).to.include('<keeper:status>ok</keeper:status>').and.to.include('<keeper:id>quiet</keeper:id>');
    const { next } = await client.changes();
    const runs = () => keeper.log().filter(({ msg, delegate }) => msg === 'ran' && delegate === 'b').length;
    const before = runs();
    await until('three more runs', async () => runs() >= before + 3);
    expect((await client.changes({ cursor: next })).items).to.deep.equal([]);
    const owner = await (await client.request('/resources/quiet/meta', { headers: { Accept: 'application/json' } })).json();
    expect(JSON.stringify(owner)).to.include(`"manager":"k${count}"`).and.to.include('"ttl":90');
  });

  it('uses a delegate that is dropped in within five seconds, a changed one too; one that goes stops renewing', async () => {
    writeKeeper(folder, config("  - { id: dropped, facets: [{ delegate: '*', ttl: 5s }] }"), { 'a.mjs': constant('a') });
    start();
    await until('the first facet', async () => (await values()).dropped === 'v');
    let began = Date.now();
    writeDelegate(folder, 'late', scriptOf('late', `echo '{"value":"there"}'`));
    await until('the new facet', async () => (await values()).dropped === 'v there', 5);
    console.log(`      a delegate that was dropped in was published after ${Date.now() - began} ms`);
    began = Date.now();
    writeDelegate(folder, 'late', scriptOf('late', `echo '{"value":"changed"}'`));
    await until('the changed facet', async () => (await values()).dropped === 'v changed', 5);
    rmSync(join(folder, 'delegates', 'late'));
    await until('the facet to expire', async () => (await facetsOf('dropped')).join() === 'a', 30);
  });

  it('lets nobody suffer for a delegate that hangs, crashes, eats memory, prints garbage or makes noise', async function () {
    this.timeout(120_000);
    const good = Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`good${k}.mjs`, constant(`good${k}`, `g${k}`)]));
    const names = [...Object.keys(good).map((name) => name.slice(0, -4)), 'hanging', 'spinning', 'crashing', 'hungry', 'garbage', 'noisy'];
    writeKeeper(folder, config(`  - { id: mixed, facets: [${names.map((name) => `{ delegate: ${name}, timeout: 4s }`).join(', ')}] }`), {
      ...good,
      hanging: scriptOf('hanging', 'sleep 1000'),
      'spinning.mjs': moduleOf('spinning', 'for (;;);'),
      crashing: scriptOf('crashing', 'kill -SEGV $$'),
      'hungry.mjs': moduleOf('hungry', 'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()));'),
      garbage: scriptOf('garbage', 'head -c 2000 /dev/urandom'),
      noisy: scriptOf('noisy', `i=0; while [ $i -lt 20000 ]; do echo "noise $i" >&2; i=$((i+1)); done; echo '{"value":"heard"}'`),
    });
    const began = Date.now();
    const keeper = start();
    await until('twenty good facets', async () => {
      const facets = await facetsOf('mixed');
      return facets.filter((name) => name.startsWith('good')).length === 20;
    });
    console.log(`      20 good ones were published ${Date.now() - began} ms after the start of the process`);
    writeDelegate(folder, 'good7.mjs', constant('good7', 'again'));
    const changed = Date.now();
    await until('a change of a good one', async () => / again /.test((await values()).mixed ?? ''), 5);
    console.log(`      a change of one of them after ${Date.now() - changed} ms`);
    await until('all bad ones to be told of', async () => {
      const self = (await client.get(`keeper-k${count}`))?.xml ?? '';
      const status = (name: string) => new RegExp(`<keeper:name>${name}</keeper:name>.*?<keeper:status>(\\w+)<`).exec(self)?.[1];
      return (
        status('hanging') === 'timeout' &&
        status('spinning') === 'timeout' &&
        ['crashing', 'hungry', 'garbage'].every((name) => status(name) === 'failed')
      );
    });
    expect((await facetsOf('mixed')).filter((name) => !name.startsWith('good'))).to.deep.equal(['noisy']);
    expect(keeper.process.exitCode).to.equal(null);
  });

  it('never asks a delegate while it is at work, and makes up for a sleep by one run', async () => {
    writeKeeper(folder, config('  - { id: slow, facets: [{ delegate: slow }] }'), {
      // Two at once would find the folder that one has made.
      slow: scriptOf(
        'slow',
        `mkdir busy || { echo >> ../overlaps; exit 1; }; sleep 2; rmdir busy; date +%s >> ../runs; echo '{"value":"v"}'`,
      ),
    });
    const keeper = start();
    const runs = () => (existsSync(join(folder, 'runs')) ? readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n') : []);
    await until('two runs', async () => runs().length >= 2);
    keeper.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 8000));
    const before = runs().length;
    keeper.process.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 3500));
    // The one that was at work, and those of three and a half seconds: of two seconds each, not the eight that were missed.
    expect(runs().length - before).to.be.within(1, 3);
    expect(existsSync(join(folder, 'overlaps'))).to.equal(false);
  });

  it('asks those first whose facets another one requires, and again when they change', async () => {
    writeKeeper(folder, config('  - { id: chain, facets: [{ delegate: sum, schedule: { every: 1h } }, { delegate: base }] }'), {
      'sum.mjs': moduleOf(
        'sum',
        "return { value: 'of ' + facets['Q{urn:test:base}base']?.match(/value>([^<]*)</)[1] };",
        "requires: ['Q{urn:test:base}base'],",
      ),
      'base.mjs': constant('base', 'one'),
    });
    start();
    await until('both', async () => /of one/.test((await values()).chain ?? ''));
    writeDelegate(folder, 'base.mjs', constant('base', 'two'));
    await until('the change to arrive in both', async () => /of two/.test((await values()).chain ?? ''), 5);
  });

  it('keeps a resource for each row that is listed, and withdraws those that are listed no longer', async () => {
    const listed = (...ids: string[]) =>
      moduleOf('rows', 'return undefined;', `list() { return ${JSON.stringify(ids.map((id, size) => ({ id, size })))}; },`);
    writeKeeper(
      folder,
      config(
        `  - { id: '${scope.slice(1)}-\${row:id}', for-each: { delegate: rows }, facets: [{ delegate: one, config: { size: '\${row:size}' } }] }`,
      ),
      { 'rows.mjs': listed('a', 'b', 'c'), 'one.mjs': moduleOf('one', 'return { value: typeof config.size + row.id };') },
    );
    start();
    const id = (name: string) => `${scope.slice(1)}-${name}`;
    const all = { [id('a')]: 'numbera', [id('b')]: 'numberb', [id('c')]: 'numberc' };
    await until('three', async () => JSON.stringify(await values()) === JSON.stringify(all));
    writeDelegate(folder, 'rows.mjs', listed('a', 'c'));
    await until('two', async () => Object.keys(await values()).join() === `${id('a')},${id('c')}`);
    writeDelegate(folder, 'rows.mjs', moduleOf('rows', 'return undefined;', "list() { throw new Error('not now'); },"));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(Object.keys(await values()), 'a list that fails takes nothing away').to.have.length(2);
  });

  it('does what its file says from when that is saved, and goes on as before while that is wrong', async () => {
    const one = '  - { id: edited, name: n1, facets: [{ delegate: a }] }';
    writeKeeper(folder, config(one), { 'a.mjs': constant('a'), 'b.mjs': constant('b', 'w') });
    const keeper = start();
    await until('a', async () => (await values()).edited === 'v');
    writeFileSync(keeper.file, config(one.replace('facets', 'facts')));
    await until('the complaint', async () =>
      keeper.log().some(({ why, hint }) => why === 'there is no key "facts"' && hint === 'did you mean "facets"?'),
    );
    expect((await values()).edited).to.equal('v');
    writeFileSync(keeper.file, config(one.replace('n1', 'n2').replace('{ delegate: a }', '{ delegate: b }')));
    await until('the other facet and name', async () => {
      const document = (await client.get('edited'))?.read();
      return document?.name === 'n2' && document.facets.map(({ name }) => name.local).join() === 'b';
    });
    writeFileSync(keeper.file, config('  - { id: other, facets: [{ delegate: a }] }'));
    await until('the other resource', async () => JSON.stringify(await values()) === '{"other":"v"}');
  });

  it('runs when files change that it depends on', async () => {
    mkdirSync(join(folder, 'inputs'));
    writeFileSync(join(folder, 'inputs', 'value'), 'first');
    writeKeeper(
      folder,
      config(
        "  - { id: watching, facets: [{ delegate: reading, schedule: { on-change: ./inputs }, config: { text: '${file:inputs/value}' } }] }",
      ),
      { 'reading.mjs': moduleOf('reading', 'return { value: config.text };') },
    );
    start();
    await until('the first text', async () => (await values()).watching === 'first');
    writeFileSync(join(folder, 'inputs', 'value'), 'second');
    await until('the second text', async () => (await values()).watching === 'second', 5);
  });

  it('publishes the others when the directory will not have one, and says so of the delegate once it knows why', async () => {
    const strict =
      '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:test:strict" elementFormDefault="qualified"><xs:element name="strict"><xs:complexType><xs:sequence><xs:element name="value" type="xs:integer"/></xs:sequence></xs:complexType></xs:element></xs:schema>';
    writeKeeper(folder, config("  - { id: partly, facets: [{ delegate: '*' }] }"), { 'zero.mjs': constant('zero') });
    const keeper = start();
    await until('the first facet', async () => (await values()).partly === 'v');
    // The keeper has seen the schemas of the directory, and not this one.
    await client.putInterface('urn:test:strict', strict, { scope });
    writeDelegate(folder, 'another.mjs', constant('another', 'a'));
    writeDelegate(folder, 'strict.mjs', constant('strict', 'no number'));
    await until('the refusal', async () =>
      keeper.log().some(({ msg, resource }) => msg === 'the directory refuses' && resource === 'partly'),
    );
    await until('the other facet', async () => (await values()).partly?.includes('a'));
    await until('the delegate to be told of', async () =>
      /<keeper:name>strict<.*?<keeper:status>failed<.*no number/.test((await client.get(`keeper-k${count}`))?.xml ?? ''),
    );
    writeDelegate(folder, 'strict.mjs', constant('strict', '7'));
    await until('all of them', async () => (await values()).partly?.includes('7'));
  });

  it('leaves others their facets, scopes and resources', async () => {
    writeKeeper(folder, config('  - { id: shared, facets: [{ delegate: a }, { delegate: b }] }', 'leave: withdraw'), {
      'a.mjs': constant('a'),
      'b.mjs': constant('b', 'mine'),
    });
    await client.put(
      'shared',
      `<r:resource xmlns:r="http://gcube-system.org/namespaces/resource" id="shared"><r:scope>/elsewhere</r:scope><b:b xmlns:b="urn:test:b"><b:value>theirs</b:value></b:b></r:resource>`,
      {
        manager: 'somebody',
      },
    );
    const keeper = start();
    await until('its facet beside theirs', async () => (await values()).shared === 'theirs v');
    await until('a word on the facet that is not its own', async () =>
      keeper.log().some(({ why }) => /belongs to "somebody"/.test(String(why))),
    );
    expect(await keeper.stop()).to.equal(0);
    const left = (await client.get('shared'))?.read();
    expect(left?.facets.map(({ name }) => name.local)).to.deep.equal(['b']);
    expect(left?.scopes).to.include('/elsewhere');
  });

  for (const [leave, there, lease] of [
    ['withdraw', false, ''],
    ['expire', true, '"ttl":'],
    ['stay', true, ''],
  ] as const) {
    it(`leaves as its file says: ${leave}`, async () => {
      const id = `leaving-${leave}`;
      writeKeeper(folder, config(`  - { id: ${id}, facets: [{ delegate: a }] }`, `leave: ${leave}`), { 'a.mjs': constant('a') });
      const keeper = start();
      await until('the resource', async () => (await values())[id] === 'v');
      await until('itself', () => client.get(`keeper-k${count}`));
      expect(await keeper.stop()).to.equal(0);
      expect((await client.get(id)) !== undefined).to.equal(there);
      if (!there) return;
      const meta = JSON.stringify(
        await (await client.request(`/resources/${id}/meta`, { headers: { Accept: 'application/json' } })).json(),
      );
      expect(meta.includes('"lease"')).to.equal(lease !== '');
    });
  }

  it('publishes nothing without a facet that is required, and lets all of the resource go stale when that fails', async () => {
    const needy = (body: string) => scriptOf('needed', body);
    writeKeeper(
      folder,
      config('  - { id: whole, facets: [{ delegate: a, ttl: 5s }, { delegate: needed, critical: required, ttl: 5s }] }'),
      {
        'a.mjs': constant('a'),
        needed: needy('exit 3'),
      },
    );
    const keeper = start();
    await until('the failure', async () => keeper.log().some(({ msg, delegate }) => msg === 'failed' && delegate === 'needed'));
    await until('itself', () => client.get(`keeper-k${count}`));
    expect(await client.get('whole')).to.equal(undefined);
    writeDelegate(folder, 'needed', needy(`echo '{"value":"got"}'`));
    await until('the whole', async () => (await values()).whole === 'v got');
    writeDelegate(folder, 'needed', needy('exit 3'));
    await until('all of it to go', async () => (await client.get('whole')) === undefined, 30);
  });

  it('goes on with what was given last while a delegate fails, over restarts, up to its age', async () => {
    const kept = (body: string) => scriptOf('kept', body);
    writeKeeper(folder, config('  - { id: lasting, facets: [{ delegate: kept, critical: keep-last-good, max-age: 12s, ttl: 5s }] }'), {
      kept: kept(`echo '{"value":"good"}'`),
    });
    const first = start();
    await until('the facet', async () => (await values()).lasting === 'good');
    const good = Date.now();
    await first.kill();
    writeDelegate(folder, 'kept', kept('echo broken >&2; exit 1'));
    // Gone from the directory, it must come from the keeper's own memory.
    await client.remove('lasting', { force: true });
    start();
    await until('the facet of before', async () => (await values()).lasting === 'good', 10);
    await until('its status', async () => /<keeper:status>stale</.test((await client.get(`keeper-k${count}`))?.xml ?? ''));
    await until('the facet to go', async () => (await client.get('lasting')) === undefined, 40);
    expect(Date.now() - good).to.be.greaterThan(12_000);
  });

  it('goes on when the directory comes back, with what is true by then', async () => {
    const data = await temporaryFolder('keep-away');
    const port = await freePort();
    const there = `http://127.0.0.1:${port}`;
    writeKeeper(folder, config('  - { id: away, facets: [{ delegate: a }] }', `directory: { url: '${there}' }`), {
      'a.mjs': constant('a', 'old'),
    });
    const keeper = start();
    await until('it is told', async () => keeper.log().some(({ msg }) => msg === 'the directory is away'));
    writeDelegate(folder, 'a.mjs', constant('a', 'middle'));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    writeDelegate(folder, 'a.mjs', constant('a', 'new'));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const late = await startFacetry({ data: data.path, port });
    try {
      const elsewhere = connect(there);
      await until('it', async () => /new/.test((await elsewhere.get('away'))?.xml ?? ''), 30);
      const { items } = await elsewhere.changes({ cursor: undefined });
      expect(items).to.deep.equal([]);
      expect(keeper.log().some(({ msg }) => msg === 'the directory is back')).to.equal(true);
    } finally {
      await keeper.stop();
      await late.stop();
      await data.remove();
    }
  });

  it('is one process: a second one of that name on the node is refused', async () => {
    writeKeeper(folder, config('  - { id: single, facets: [{ delegate: a }] }'), { 'a.mjs': constant('a') });
    const first = start();
    await until('the resource', async () => (await values()).single === 'v');
    const second = start();
    await until('its end', async () => second.process.exitCode !== null);
    expect(second.process.exitCode).to.equal(2);
    expect(JSON.stringify(second.log())).to.include(`is kept by process ${first.process.pid} already`);
  });

  it('tells its figures', async () => {
    writeKeeper(folder, config('  - { id: measured, facets: [{ delegate: a }, { delegate: bad }] }'), {
      'a.mjs': constant('a'),
      bad: scriptOf('bad', 'exit 1'),
    });
    const port = await freePort();
    start(['--metrics', `127.0.0.1:${port}`]);
    await until('the figures', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
      const text = (await answer?.text()) ?? '';
      return (
        new RegExp(`facetry_keeper_runs_total\\{keeper="k${count}",delegate="bad",status="failed"\\} [1-9]`).test(text) &&
        new RegExp(`facetry_keeper_writes_total\\{keeper="k${count}",what="created"\\} 2`).test(text)
      );
    });
  });
});
