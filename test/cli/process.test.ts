/** The command line as a process: signals, pipes, standard streams. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAM =
  process.env.FACETRY_TEST_BUILT === '1' ? [join(ROOT, 'bin/facetry.js')] : ['--import', 'tsx', join(ROOT, 'src/cli/main.ts')];

describe('The facetry process', function () {
  this.timeout(60_000);
  let folder: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-process-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(args: readonly string[], env: Record<string, string> = {}) {
    const one = spawn(process.execPath, [...PROGRAM, ...args], {
      cwd: ROOT,
      env: { ...process.env, HOME: folder, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child = one;
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    one.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    one.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const text = { out: () => Buffer.concat(out).toString(), err: () => Buffer.concat(err).toString() };
    const ended = (once(one, 'close') as Promise<[number | null, string | null]>).then(([code, signal]) => ({ code, signal, ...text }));
    const says = async (pattern: RegExp) => {
      for (const began = Date.now(); !pattern.test(text.out()); await new Promise((done) => setTimeout(done, 20))) {
        if (one.exitCode !== null || Date.now() - began > 50_000)
          throw new Error(`it never said ${pattern}; it said:\n${text.out()}${text.err()}`);
      }
    };
    return { process: one, ended, says, ...text };
  }

  it('serves, tells where and what to try, and ends with 0 at SIGTERM and at Ctrl-C', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = start(['serve', '--data', join(folder, signal), '--listen', '127.0.0.1:0', '--samples', '--log-format', 'pretty']);
      await server.says(/npx facetry discover/);
      const url = /ready at (\S+)/.exec(server.out())?.[1] as string;
      const curl = /curl -s '([^']+)'/.exec(server.out())?.[1] as string;
      expect(await (await fetch(curl)).text()).to.include('<host:hostname');
      const listed = await start(['list', '-o', 'name'], { FACETRY_URL: url }).ended;
      expect(listed.out().trim().split('\n').length).to.be.greaterThan(5);
      child = server.process;
      server.process.kill(signal);
      expect(await server.ended).to.include({ code: 0 });
    }
  });

  it('publishes the samples only into an empty directory', async () => {
    const args = ['serve', '--data', folder, '--listen', '127.0.0.1:0', '--samples', '--log-format', 'json'];
    for (const first of [true, false]) {
      const server = start(args);
      await server.says(/"msg":"listening"/);
      expect(/sample resources published/.test(server.out())).to.equal(first);
      const lines = server
        .out()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: string });
      expect(
        lines.every(({ level }) => level === 'info'),
        server.out(),
      ).to.equal(true);
      server.process.kill('SIGTERM');
      await server.ended;
    }
  });

  it('a second signal ends the server at once', async () => {
    const server = start(['serve', '--data', folder, '--listen', '127.0.0.1:0', '--log-format', 'pretty', '--grace', '60']);
    await server.says(/ready at/);
    const url = new URL(/ready at (\S+)/.exec(server.out())?.[1] as string);
    // a request that is never finished keeps the server waiting
    const { connect } = await import('node:net');
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => {});
    socket.write('PUT /resources/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nContent-Length: 100\r\n\r\n<a');
    await new Promise((done) => setTimeout(done, 200));
    server.process.kill('SIGTERM');
    await server.says(/draining/);
    const began = Date.now();
    server.process.kill('SIGTERM');
    expect(await server.ended).to.include({ code: 143 });
    expect(Date.now() - began).to.be.lessThan(5000);
    socket.destroy();
  });

  it('refuses an address in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await start(['serve', '--data', folder, '--listen', `127.0.0.1:${port}`]).ended;
    taken.close();
    expect(err()).to.include(`127.0.0.1:${port} is in use`);
    expect(code).to.equal(2);
  });

  it('ends with 130 at Ctrl-C, and stops asking', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const client = start(['list', '--url', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`]);
    await once(silent, 'request');
    client.process.kill('SIGINT');
    expect(await client.ended).to.include({ code: 130 });
    silent.closeAllConnections();
    silent.close();
  });

  it('is content when its reader has seen enough', async () => {
    const file = join(folder, 'many.xml');
    writeFileSync(file, `<a>${'<b>some text, again and again</b>'.repeat(50_000)}</a>`);
    const client = start(['xpath', '//b', file]);
    await once(client.process.stdout as NodeJS.ReadableStream, 'data');
    client.process.stdout?.destroy();
    const { code, err } = await client.ended;
    expect([code, err()]).to.deep.equal([0, '']);
  });

  it('prints data on standard output, all else on standard error, without colours when nobody watches', async () => {
    const { code, out, err } = await start(['xpath', '//[', '-']).ended;
    expect([code, out()]).to.deep.equal([2, '']);
    expect(err())
      .to.match(/^xpath:1:3: error: /)
      .and.not.include('\u001b');
    expect((await start(['xpath', '//[', '-', '--color', 'always']).ended).err()).to.include('\u001b[31m');
  });
});
