import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import supertest from 'supertest';
import type { Directory, DirectoryOptions } from '../../src/directory/index.js';
import { createServer, type HttpEvent, type HttpOptions, type HttpServer, type RequestEvent } from '../../src/http/index.js';
import type { Schema } from '../../src/xml/index.js';
import { openTestDirectory } from '../directory/open-test-directory.js';

export interface Running {
  readonly url: string;
  readonly port: number;
  readonly server: HttpServer;
  readonly directory: Directory;
  readonly events: HttpEvent[];
  readonly requests: () => readonly RequestEvent[];
  readonly agent: ReturnType<typeof supertest>;
  stop(): Promise<void>;
}

export interface ServeOptions extends HttpOptions {
  /** wraps the directory, to see or to hold what the routes ask of it */
  readonly wrap?: (directory: Directory) => Directory;
}

export interface RunOptions extends ServeOptions {
  readonly schemas?: readonly Schema[];
  readonly directoryOptions?: Partial<DirectoryOptions>;
}

/** A real server over a real directory with an embedded store in a folder of its own, on a free port. */
export async function run({ schemas, directoryOptions, ...options }: RunOptions = {}): Promise<Running> {
  const opened = await openTestDirectory({ ...directoryOptions, ...(schemas === undefined ? {} : { schemas }) });
  const running = await serve(opened.directory, options);
  return {
    ...running,
    async stop() {
      await running.stop();
      await opened.destroy();
    },
  };
}

/** One more server over a directory that is there already. */
export async function serve(inner: Directory, { wrap, ...options }: ServeOptions = {}): Promise<Running> {
  const directory = wrap === undefined ? inner : wrap(inner);
  const events: HttpEvent[] = [];
  const server = createServer(directory, { ...options, onEvent: (event) => events.push(event) });
  const { url, port } = await server.listen({ port: 0 });
  return {
    url,
    port,
    server,
    directory,
    events,
    requests: () => events.filter((event) => event.kind === 'request'),
    agent: supertest(url),
    async stop() {
      if (server.node.listening) await server.close(200);
    },
  };
}

/** A directory whose methods can be replaced one by one; the others are the real ones. */
export function withMethods(directory: Directory, methods: Partial<Directory>): Directory {
  return Object.create(directory, Object.getOwnPropertyDescriptors(methods)) as Directory;
}

export interface RawAnswer {
  readonly text: string;
  readonly status: number | undefined;
  /** the server ended the connection */
  readonly closed: boolean;
  readonly ms: number;
}

/** Sends bytes as they are, and reads until the server closes or falls silent. */
export async function raw(port: number, bytes: string | Buffer, { silence = 300, patience = 10_000 } = {}): Promise<RawAnswer> {
  const started = performance.now();
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const closed = await new Promise<boolean>((resolve) => {
    let quiet: NodeJS.Timeout | undefined;
    const over = setTimeout(() => resolve(false), patience);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      clearTimeout(quiet);
      quiet = setTimeout(() => resolve(false), silence);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(quiet);
      clearTimeout(over);
      resolve(true);
    });
  });
  socket.destroy();
  const text = Buffer.concat(chunks).toString('latin1');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  return { text, status: status === undefined ? undefined : Number(status), closed, ms: performance.now() - started };
}

/** Opens a connection and sends something; for those who wait and see. */
export async function dial(port: number, bytes = ''): Promise<Socket & { received: () => string; ended: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  if (bytes !== '') socket.write(bytes);
  return Object.assign(socket, { received: () => Buffer.concat(chunks).toString('latin1'), ended });
}

export interface Apart {
  readonly port: number;
  look(): Promise<{ readonly rss: number; readonly requests: number; readonly aborted: number }>;
  stop(): Promise<void>;
}

/** A server in a process of its own, so that its memory is its own. */
export async function runApart(options: HttpOptions): Promise<Apart> {
  const child = fork(fileURLToPath(new URL('./server-process.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
  });
  const message = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the server ended with ${code}`));
      child.once('exit', onExit);
      child.once('message', (value) => {
        child.off('exit', onExit);
        resolve(value as T);
      });
    });
  const { port } = await message<{ port: number }>();
  return {
    port,
    async look() {
      child.send('look');
      return message();
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
