import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithParent, stop } from '../servers/process.js';

const IDLE = "const s = require('http').createServer((q, r) => r.end()).listen(0, '127.0.0.1', () => console.log(s.address().port))";

/** An HTTP server in a process of its own that does nothing: how long it takes to answer is the machine's doing. */
export async function startYardstick(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', IDLE], { stdio: ['ignore', 'pipe', 'ignore'] });
  endWithParent(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(line.toString()), stop: () => stop(child) };
}
