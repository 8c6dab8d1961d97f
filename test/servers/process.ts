import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A port of the loopback interface that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A fresh folder under the system's temporary one; it goes with `remove`, at the latest with this process. */
export async function temporaryFolder(label: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `facetry-${label}-`));
  const atExit = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', atExit);
  return {
    path,
    async remove() {
      process.off('exit', atExit);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves when the process has ended; ends it by its own pid, first politely, then for certain. */
export async function stop(child: ChildProcess, graceMs = 10_000, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}

/** What a process has written lately, for the error that says why it did not start. */
export function tail(child: ChildProcess, bytes = 8_192): () => string {
  let text = '';
  const take = (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-bytes);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  return () => text;
}

/** Calls `probe` until it resolves; gives up when the process ends or the time is over. */
export async function ready(child: ChildProcess, probe: () => Promise<void>, timeoutMs: number, output: () => string): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (hasEnded(child)) throw new Error(`the process ended with ${child.exitCode ?? child.signalCode} before it was ready:\n${output()}`);
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > end) throw new Error(`not ready after ${timeoutMs} ms (${(error as Error).message}):\n${output()}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/**
 * Ends children when this process does, however it ends; a failed assertion must not leave servers behind.
 * Returns the function that takes the child off the list.
 */
export function endWithParent(child: ChildProcess): () => void {
  const kill = () => {
    if (!hasEnded(child)) child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const forget = () => process.off('exit', kill);
  child.once('exit', forget);
  return forget;
}
