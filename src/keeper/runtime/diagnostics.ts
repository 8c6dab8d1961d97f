import { DELEGATE_LIMITS } from './limits.js';

/** How many bytes a second of what a delegate prints are passed on: one that prints without end drowns nobody. */
export function diagnosticsOf(stream: NodeJS.ReadableStream, tell: (text: string) => void): void {
  let left: number = DELEGATE_LIMITS.diagnostics;
  let since = Date.now();
  stream.on('data', (chunk: Buffer) => {
    if (Date.now() - since > 1000) {
      since = Date.now();
      left = DELEGATE_LIMITS.diagnostics;
    }
    if (left <= 0) return;
    const text = chunk.subarray(0, left).toString('utf8').trimEnd();
    left -= chunk.length;
    if (text !== '') tell(left > 0 ? text : `${text} … (more is not shown)`);
  });
  stream.on('error', () => undefined);
}
