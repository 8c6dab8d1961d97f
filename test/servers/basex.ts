import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type BaseXClient, connectBaseX } from './basex-client.js';
import { ensureInstalled as ensure } from './installed.js';
import { endWithParent, freePort, ready, stop, tail, temporaryFolder } from './process.js';

const PROGRAM = '/usr/bin/basexserver';

/** Debian's BaseX: undefined when it can be started, else the reason why not. */
export function ensureInstalled(): Promise<string | undefined> {
  return ensure({
    name: 'BaseX',
    found: () => existsSync(PROGRAM),
    packages: ['basex'],
  });
}

export interface BaseXServer {
  readonly port: number;
  readonly process: ChildProcess;
  /** the server's own data folder; gone after `stop` */
  readonly data: string;
  readonly version: string;
  /** of the administrator `admin`, drawn for this server */
  readonly password: string;
  /** a new session of the administrator */
  connect(): Promise<BaseXClient>;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** starts it again on its port and data, after `kill` */
  restart(): Promise<void>;
}

/** A BaseX server of its own on a free loopback port, with its own data folder and a random password. */
export async function startBaseX(options: { readonly heap?: string } = {}): Promise<BaseXServer> {
  const data = await temporaryFolder('basex');
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const launch = () =>
    spawn(PROGRAM, ['-p', String(port), '-n', '127.0.0.1'], {
      env: {
        ...process.env,
        // A home of its own, or BaseX would read and write the user's ~/.basex.
        HOME: data.path,
        JAVA_ARGS: `-Xmx${options.heap ?? '4g'} -Dorg.basex.DBPATH=${data.path}/data -Dorg.basex.REPOPATH=${data.path}/repo -Dorg.basex.LOG=false`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  let child = launch();
  endWithParent(child);
  const output = tail(child);
  const end = async () => {
    await stop(child);
    await data.remove();
  };
  try {
    let first: BaseXClient | undefined;
    await ready(
      child,
      async () => {
        first = await connectBaseX({ port, user: 'admin', password: 'admin' });
      },
      30_000,
      output,
    );
    const session = first as BaseXClient;
    await session.execute(`ALTER PASSWORD admin ${password}`);
    const { result } = await session.execute('INFO');
    const version = /Version: *(\S+)/.exec(result.toString('utf8'))?.[1] ?? 'unknown';
    session.close();
    return {
      port,
      get process() {
        return child;
      },
      data: data.path,
      version,
      password,
      connect: () => connectBaseX({ port, user: 'admin', password }),
      stop: end,
      async kill() {
        const ended = once(child, 'exit');
        process.kill(child.pid as number, 'SIGKILL');
        await ended;
      },
      async restart() {
        child = launch();
        endWithParent(child);
        await ready(child, async () => (await connectBaseX({ port, user: 'admin', password })).close(), 30_000, tail(child));
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
