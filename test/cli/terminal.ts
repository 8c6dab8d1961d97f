import { PassThrough, Readable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.js';

export interface TestTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
}

/** A terminal of one's own: nothing of the process' surroundings gets in, everything written can be read. */
export function testTerminal(
  options: { readonly env?: Record<string, string>; readonly stdin?: string; readonly cwd?: string; readonly tty?: boolean } = {},
): TestTerminal {
  const { env = {}, stdin = '', cwd = process.cwd(), tty = false } = options;
  const [out, err] = [collector(tty), collector(tty)];
  return {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: out.stream,
    stderr: err.stream,
    env,
    cwd,
    interrupted: new AbortController().signal,
    out: out.text,
    err: err.text,
  };
}

export function quietTerminal(): Terminal {
  return testTerminal();
}

function collector(isTTY: boolean) {
  const chunks: Buffer[] = [];
  const stream = Object.assign(new PassThrough({ highWaterMark: 1 << 30 }), { isTTY, columns: 100 });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
