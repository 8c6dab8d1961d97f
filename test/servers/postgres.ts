import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { ensureInstalled as ensure } from './installed.js';
import { endWithParent, freePort, ready, stop, tail, temporaryFolder } from './process.js';

const ROOT = '/usr/lib/postgresql';

/** Debian's PostgreSQL: undefined when it can be started, else the reason why not. */
export function ensureInstalled(): Promise<string | undefined> {
  return ensure({
    name: 'PostgreSQL',
    found: () => programs() !== undefined,
    packages: ['postgresql'],
  });
}

/** The newest version's programs; its folder may be there with the client alone. */
function programs(): string | undefined {
  if (!existsSync(ROOT)) return undefined;
  const versions = readdirSync(ROOT).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => `${ROOT}/${version}/bin`).find((bin) => existsSync(`${bin}/initdb`) && existsSync(`${bin}/postgres`));
}

export interface PostgresServer {
  readonly process: ChildProcess;
  readonly version: string;
  /** Runs SQL text; rows as psql's unaligned output without headers. `input` feeds a COPY … FROM STDIN. */
  sql(text: string, input?: AsyncIterable<string> | Iterable<string>): Promise<string>;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL server of its own that listens on a socket in its own temporary folder and nowhere else.
 * PostgreSQL refuses to run as root: then it runs as the user that Debian's package made for it.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = programs();
  if (bin === undefined) throw new Error('PostgreSQL is not installed');
  const folder = await temporaryFolder('postgres');
  const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
  if (owner) await chown(folder.path, owner.uid, owner.gid);
  const port = await freePort();
  const as = { cwd: folder.path, ...(owner ?? {}) };
  let child: ChildProcess | undefined;
  const end = async () => {
    // SIGINT is PostgreSQL's "fast shutdown": it does not wait for sessions.
    if (child) await stop(child, 10_000, 'SIGINT');
    await folder.remove();
  };
  try {
    await done(
      spawn(`${bin}/initdb`, ['-D', 'data', '-U', 'facetry', '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
        ...as,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    child = spawn(
      `${bin}/postgres`,
      ['-D', `${folder.path}/data`, '-p', String(port), '-k', folder.path, '-c', 'listen_addresses=', '-c', 'shared_buffers=512MB'],
      { ...as, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    endWithParent(child);
    const output = tail(child);
    const sql: PostgresServer['sql'] = (text, input) => {
      const psql = spawn(
        `${bin}/psql`,
        [
          '-X',
          '-q',
          '-A',
          '-t',
          '-v',
          'ON_ERROR_STOP=1',
          '-h',
          folder.path,
          '-p',
          String(port),
          '-U',
          'facetry',
          '-d',
          'postgres',
          '-c',
          text,
        ],
        { stdio: ['pipe', 'pipe', 'pipe'] },
      );
      return done(psql, input);
    };
    await ready(child, async () => void (await sql('select 1')), 30_000, output);
    const version = /PostgreSQL (\S+)/.exec(await sql('select version()'))?.[1] ?? 'unknown';
    return { process: child, version, sql, stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Feeds a process, waits for its end and returns what it wrote; a failure carries its error output. */
async function done(child: ChildProcess, input?: AsyncIterable<string> | Iterable<string>): Promise<string> {
  let out = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  if (child.stdin) {
    child.stdin.on('error', () => {}); // it ended early; its exit code tells
    for await (const piece of input ?? []) if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), closed]);
    child.stdin.end();
  }
  const [code] = await closed;
  if (code !== 0) throw new Error(`${child.spawnfile} failed: ${errors.trim()}`);
  return out.trimEnd();
}

async function idsOf(user: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => done(spawn('id', [flag, user], { stdio: ['ignore', 'pipe', 'pipe'] }))));
  return { uid: Number(uid), gid: Number(gid) };
}
