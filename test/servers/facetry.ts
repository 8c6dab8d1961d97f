import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithParent, freePort, hasEnded, ready, stop, tail } from './process.js';
import { openWire } from './wire.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const SOURCES = ['--import', 'tsx', join(ROOT, 'src/cli/main.ts')];
const BUILT = [join(ROOT, 'bin/facetry.js')];

export interface FacetryOptions {
  /** the store's folder */
  readonly data: string;
  /** another store than the folder, which is then its journal */
  readonly store?: string;
  /** run what `npm run build` made instead of the sources; default: when `npm test` has just built */
  readonly built?: boolean;
  /** default: a free one */
  readonly port?: number;
  /** further arguments of `serve` */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** a program that runs the server, e.g. strace with its arguments */
  readonly under?: readonly string[];
  /** ms until /readyz; default 30 000 */
  readonly patience?: number;
}

export interface Facetry {
  readonly port: number;
  readonly process: ChildProcess;
  /** the server's own pid, also when it runs under another program */
  pid(): number;
  /** ms from the start of the process to the first 200 of /readyz */
  readonly startMs: number;
  /** what it wrote last */
  output(): string;
  /** resident bytes of the process now */
  resident(): number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts `facetry serve` on a free loopback port and waits until it is ready. */
export async function startFacetry(options: FacetryOptions): Promise<Facetry> {
  const port = options.port ?? (await freePort());
  const began = performance.now();
  const child = launch(options, port);
  const output = tail(child, 65_536);
  try {
    await ready(child, () => probe(port), options.patience ?? 30_000, output);
  } catch (error) {
    await stop(child, 0);
    throw error;
  }
  const startMs = performance.now() - began;
  const pid = () => (options.under ? onlyChild(child.pid as number) : (child.pid as number));
  return {
    port,
    process: child,
    pid,
    startMs,
    output,
    resident: () => residentBytes(pid()),
    stop: () => stop(child),
    async kill() {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      process.kill(pid(), 'SIGKILL');
      await ended;
    },
  };
}

/** Runs `facetry serve` expecting it to refuse; resolves to its exit code and output. */
export async function refused(options: FacetryOptions): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = launch(options, await freePort());
  const output = tail(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.patience ?? 15_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output: output() };
}

/** Runs any other command of the command line. */
export async function facetry(
  args: readonly string[],
  built?: boolean,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [...programOf(built), ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithParent(child);
  const output = tail(child, 1 << 20);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

export function programOf(built = process.env.FACETRY_TEST_BUILT === '1'): readonly string[] {
  return built ? BUILT : SOURCES;
}

function launch(options: FacetryOptions, port: number): ChildProcess {
  const command = [
    process.execPath,
    ...programOf(options.built),
    'serve',
    '--store',
    options.store ?? `embedded:${options.data}`,
    ...(options.store === undefined ? [] : ['--data', options.data]),
    '--listen',
    `127.0.0.1:${port}`,
  ];
  const [program, ...args] = [...(options.under ?? []), ...command, ...(options.args ?? [])] as [string, ...string[]];
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithParent(child);
  return child;
}

async function probe(port: number): Promise<void> {
  const wire = openWire(port);
  try {
    const { status } = await wire.request('GET', '/readyz', { timeout: 5_000 });
    if (status !== 200) throw new Error(`/readyz answers ${status}`);
  } finally {
    wire.close();
  }
}

/** strace and its like have the server as their one child. */
function onlyChild(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(children[0]);
}

export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
