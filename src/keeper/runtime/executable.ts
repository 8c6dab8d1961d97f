import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Collected, QName } from '../delegate.js';
import { facetTexts } from '../facet-text.js';
import { diagnosticsOf } from './diagnostics.js';
import { DelegateFailure, timedOut } from './failure.js';
import { groupMemory } from './group-memory.js';
import { DELEGATE_LIMITS } from './limits.js';
import { readRows } from './rows.js';
import type { Runtime } from './runtime.js';

/** What every executable is given, and nothing else of the keeper's surroundings. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/' };

/** `PATH --describe` → its declaration. Rejects with DelegateFailure. */
export async function describeExecutable(path: string): Promise<unknown> {
  return json(await runProcess(path, ['--describe'], '', DELEGATE_LIMITS.describe, () => undefined), 'its declaration');
}

/** An executable in any language: JSON on its standard input, facet XML or JSON on its standard output. */
export function executableRuntime(path: string, provides: readonly QName[], onDiagnostics: (text: string) => void): Runtime {
  const running = new Set<AbortController>();
  async function run(args: readonly string[], request: object, timeoutMs: number): Promise<string> {
    const stop = new AbortController();
    running.add(stop);
    try {
      return await runProcess(path, args, JSON.stringify(request), timeoutMs, onDiagnostics, stop.signal);
    } finally {
      running.delete(stop);
    }
  }
  return {
    async collect(request, timeoutMs) {
      const text = (await run([], request, timeoutMs)).trim();
      if (text === '' || text.startsWith('<')) return elementsIn(text);
      try {
        return facetTexts(json(text, 'what it printed') as Collected, provides);
      } catch (error) {
        throw error instanceof DelegateFailure ? error : new DelegateFailure('failed', (error as Error).message);
      }
    },
    list: async (request, timeoutMs) => readRows(json(await run(['--list'], request, timeoutMs), 'its list')),
    async close() {
      for (const stop of running) stop.abort();
    },
  };
}

/** Several facets may be printed one after the other, with an empty line or an XML declaration between them. */
function elementsIn(text: string): readonly string[] {
  return text
    .split(/\n\s*\n|(?=<\?xml\s)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DelegateFailure('failed', `${what} is neither XML nor JSON: ${(error as Error).message}`);
  }
}

/** Runs it in a process group of its own, which ends with it, whatever it started. */
function runProcess(
  path: string,
  args: readonly string[],
  input: string,
  timeoutMs: number,
  onDiagnostics: (text: string) => void,
  stop?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let child: ChildProcessByStdio<Writable, Readable, Readable>;
    try {
      child = spawn(path, args, { cwd: dirname(path), env: ENVIRONMENT, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    } catch (error) {
      reject(new DelegateFailure('failed', `it cannot be started: ${(error as Error).message}`));
      return;
    }
    const output: Buffer[] = [];
    let bytes = 0;
    let errors = '';
    let failure: DelegateFailure | undefined;
    const kill = (why: DelegateFailure) => {
      failure ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => kill(timedOut(timeoutMs)), timeoutMs);
    const memory = setInterval(() => {
      if (child.pid !== undefined && groupMemory(child.pid) > DELEGATE_LIMITS.memory)
        kill(new DelegateFailure('failed', `it needed more than ${DELEGATE_LIMITS.memory / 1024 / 1024} MiB of memory`));
    }, 200);
    const onStop = () => kill(new DelegateFailure('failed', 'the keeper stops'));
    stop?.addEventListener('abort', onStop, { once: true });

    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > DELEGATE_LIMITS.output) kill(new DelegateFailure('failed', `it printed more than ${DELEGATE_LIMITS.output / 1024} KiB`));
      else output.push(chunk);
    });
    diagnosticsOf(child.stderr, (text) => {
      errors = (errors + text).slice(-400);
      onDiagnostics(text);
    });
    // It need not read what it is told.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const done = () => {
      clearTimeout(timer);
      clearInterval(memory);
      stop?.removeEventListener('abort', onStop);
    };
    child.on('error', (error) => {
      done();
      reject(new DelegateFailure('failed', `it cannot be started: ${error.message}`));
    });
    // Children that outlive it may hold its output open: they end with it, so that `close` comes.
    child.on('exit', () => killGroup(child.pid));
    child.on('close', (code, signal) => {
      done();
      if (failure !== undefined) reject(failure);
      else if (code !== 0) {
        const how = signal === null ? `it ended with ${code}` : `it was ended by ${signal}`;
        reject(new DelegateFailure('failed', errors === '' ? how : `${how}: ${errors.trim()}`));
      } else resolve(Buffer.concat(output).toString('utf8'));
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
