/** Answers: sent whole when they are small, streamed no faster than they are read when they are not. */
import type { Request, Response } from 'express';
import { stateOf } from './context.js';
import type { HttpTimes } from './options.js';
import { patience } from './patience.js';
import { ClientGone } from './read-body.js';

/** An answer is gathered to chunks of this many characters or bytes before it is written. */
const CHUNK = 32 * 1024;
/** What may lie unsent while the request is still arriving: a client that sends everything before it reads must not be left waiting for itself. */
const AHEAD = 16 * 1024 * 1024;
/** A body whose rest is longer than this is not read for the sake of keeping its connection. */
const WORTH_READING = 256 * 1024;

/** Text, or its bytes in UTF-8. */
export type Part = string | Uint8Array;

/** Sends a whole answer. Headers set before stay; the status is `response.statusCode`. */
export function sendWhole(response: Response, type: string, body: string | Uint8Array): void {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.length);
  if (isWorthReading(response.req)) response.end(bytes);
  else endAfterRequest(response, bytes);
}

export function sendEmpty(response: Response, status: number): void {
  response.statusCode = status;
  response.end();
}

/** `type` with the charset all our text has. */
export function utf8(type: string): string {
  return `${type}; charset=utf-8`;
}

/**
 * Streams an answer. The status line waits for the first chunk, so what fails before that is still answered as a problem; a failure
 * after it breaks the connection, which tells the reader that the answer is not complete.
 * The generator is closed when the reader goes away. Rejects with ClientGone then.
 */
export async function streamText(
  response: Response,
  type: string,
  parts: AsyncIterable<Part | readonly Part[]>,
  times: HttpTimes,
): Promise<void> {
  if (response.req.method === 'HEAD') {
    response.setHeader('Content-Type', type);
    response.end();
    return;
  }
  const out = outlet(response, times);
  let gathered: Part[] = [];
  let length = 0;
  let started = false;
  try {
    for await (const part of parts) {
      for (const piece of typeof part === 'string' || part instanceof Uint8Array ? [part] : part) {
        gathered.push(piece);
        length += piece.length;
      }
      if (length < CHUNK) continue;
      if (!started) response.setHeader('Content-Type', type);
      started = true;
      const bytes = bytesOf(gathered);
      gathered = [];
      length = 0;
      await out.write(bytes);
    }
    if (!started) sendWhole(response, type, bytesOf(gathered));
    else response.end(bytesOf(gathered));
  } catch (error) {
    if (started) response.destroy();
    throw error;
  } finally {
    out.close();
  }
}

/** Text that stands together is encoded together. */
function bytesOf(parts: readonly Part[]): Buffer {
  const pieces: Uint8Array[] = [];
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else {
      if (text !== '') pieces.push(Buffer.from(text, 'utf8'));
      text = '';
      pieces.push(part);
    }
  }
  const rest = Buffer.from(text, 'utf8');
  return pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]);
}

/** One listener of each kind for all writes of an answer: `compression` forgets to take off those that ask to be called once. */
export function outlet(response: Response, times: HttpTimes) {
  let wake: (() => void) | undefined;
  let unsent = 0;
  const onDrain = () => {
    unsent = 0;
    wake?.();
  };
  const waiting = patience(times.patience, times.bytesPerSecond, () => response.destroy());
  response.on('drain', onDrain);
  response.on('close', onDrain);
  return {
    async write(bytes: Buffer): Promise<void> {
      if (response.destroyed || response.closed) throw new ClientGone();
      if (response.write(bytes)) return;
      unsent += bytes.length;
      if (!response.req.complete && unsent < AHEAD) return;
      waiting.begin();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
      waiting.end(bytes.length);
      if (response.destroyed || response.closed) throw new ClientGone();
    },
    close() {
      waiting.stop();
      response.off('drain', onDrain);
      response.off('close', onDrain);
    },
  };
}

function isWorthReading(request: Request): boolean {
  if (request.complete) return true;
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] === undefined && (length === undefined || Number(length) <= WORTH_READING);
}

/**
 * Answers a request whose body is refused. Closing at once would make the system throw away what the client has not read yet,
 * the answer included (RFC 9112 §9.6): so the answer goes out whole, and the connection ends when the client stops sending.
 * Those that never stop are cut off after `linger` ms.
 */
function endAfterRequest(response: Response, bytes: Uint8Array): void {
  const { req: request } = response;
  response.setHeader('Connection', 'close');
  response.write(bytes);
  (response as Response & { flush?: () => void }).flush?.();
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, stateOf(request).linger);
  request.once('end', end);
  request.resume();
}
