/** What other clients of BaseX get wrong, made to happen to this one. */
import { expect } from 'chai';
import { BaseXRefusal, openSession, type Session } from '../../src/store/basex/session.js';
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { skipWhen } from '../servers/installed.js';

describe('A session with BaseX', function () {
  this.timeout(60_000);
  let server: BaseXServer;
  let session: Session;
  const open = (password = server.password) =>
    openSession({ host: '127.0.0.1', port: server.port, user: 'admin', database: 'd' }, password);
  const ask = (text: string, values: Record<string, string> = {}, patience = 20_000) =>
    session.query({ text, values, patience }).then((bytes) => bytes.toString('utf8'));
  const failure = (doing: Promise<unknown>): Promise<Error> =>
    doing.then(
      (value) => expect.fail(`not refused, but ${value}`),
      (error) => error,
    );

  before(async function () {
    skipWhen(this, await ensureInstalled());
    server = await startBaseX({ heap: '512m' });
  });
  beforeEach(async () => {
    session = await open();
  });
  afterEach(() => session?.end());
  after(() => server?.stop());

  it('lets a NUL in a value end nothing: what follows is no command', async () => {
    await session.command('CREATE DB precious <a/>', 5000);
    await ask('declare variable $x external; string-length($x)', { x: '<a/>\0DROP DB precious' }).catch(() => undefined);
    session.end();
    session = await open();
    expect(await ask("db:exists('precious')")).to.equal('true');
  });

  it('keeps every character, whichever border it crosses', async () => {
    for (let length = 4090; length < 4100; length++) {
      const text = `${'x'.repeat(length)}é😀${'y'.repeat(5000)}ä`;
      expect(await ask('declare variable $x external; $x', { x: text }), String(length)).to.equal(text);
    }
  });

  it('gives bytes as they are, those of the protocol too', async () => {
    const bytes = await session.query({ text: 'bin:from-octets((0, 255, 65, 0, 0, 255))', patience: 5000 });
    expect([...bytes]).to.deep.equal([0, 255, 65, 0, 0, 255]);
  });

  it('is thrown away after an error, so that no later answer belongs to another question', async () => {
    const error = await failure(ask('1 +'));
    expect(error).to.be.instanceOf(BaseXRefusal).and.to.have.property('code', 'XPST0003');
    expect(session.usable).to.equal(false);
    await failure(ask('2'));
    session = await open();
    expect(await ask('3')).to.equal('3');
  });

  it('is thrown away when an error comes after a part of the result', async () => {
    await failure(ask('(1 to 100000) ! (if (. = 99999) then error() else .)'));
    expect(session.usable).to.equal(false);
  });

  it('rejects a wrong password', async () => {
    expect(await failure(open('wrong'))).to.be.instanceOf(BaseXRefusal);
  });

  it('does not wait for delayed acknowledgements', async () => {
    const times: number[] = [];
    for (let i = 0; i < 30; i++) {
      const began = performance.now();
      await ask('declare variable $x external; $x', { x: 'y' });
      times.push(performance.now() - began);
    }
    expect(times.sort((a, b) => a - b)[15]).to.be.lessThan(30);
  });

  it('takes one question at a time', async () => {
    const first = ask('1');
    expect((await failure(ask('2'))).message).to.include('busy');
    expect(await first).to.equal('1');
  });

  it('ends a question in its time when BaseX stands still', async () => {
    process.kill(server.process.pid as number, 'SIGSTOP');
    try {
      const began = performance.now();
      expect((await failure(ask('1', {}, 300))).message).to.include('300 ms');
      expect(performance.now() - began).to.be.lessThan(2000);
      const opening = openSession({ host: '127.0.0.1', port: server.port, user: 'admin', database: 'd' }, 'x', { greetingMs: 300 });
      expect((await failure(opening)).message).to.include('greet');
    } finally {
      process.kill(server.process.pid as number, 'SIGCONT');
    }
  });

  it('hears of a lost connection', async () => {
    const asking = failure(ask('prof:sleep(20000)'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.kill();
    expect(await asking).to.be.instanceOf(Error);
    expect(session.usable).to.equal(false);
    expect(await failure(open())).to.be.instanceOf(Error);
    await server.restart();
  });
});
