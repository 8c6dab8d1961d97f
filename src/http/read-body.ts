/**
 * Bodies: every byte a client sends passes here. Bounded in size (as sent and inflated), in time, and in what all requests
 * hold together; nothing is asked for (`100 Continue`) or read before somebody wants it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Problem } from '../model/index.js';
import type { HttpLimits, HttpTimes } from './options.js';
import { patience } from './patience.js';

/** The client went away; there is nobody to tell. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGone';
  }
}

/** Bytes held by the bodies of all requests of a server. */
export interface Intake {
  held: number;
}

export interface BodyRules {
  /** bytes of a whole body, inflated */
  readonly limit: number;
  /** bytes of a streamed body, inflated */
  readonly streamLimit?: number;
  /** Looks at the first bytes: does the rest come as a stream? 'more': show me more of it. */
  readonly streams?: (head: Buffer) => boolean | 'more';
  readonly limits: HttpLimits;
  readonly times: HttpTimes;
  readonly intake: Intake;
}

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'stream'; readonly bytes: AsyncIterable<Uint8Array> };

/** Is there a body at all? (RFC 9112 §6.3) */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0);
}

/** Reads a body whole. Problems: `empty-body`, `document-too-large`, `unsupported-media-type`, `request-timeout`, `bad-request`, `overloaded`. */
export async function readBody(request: IncomingMessage, response: ServerResponse, rules: BodyRules): Promise<Buffer> {
  const body = await openBody(request, response, { ...rules, streams: undefined });
  return (body as Extract<Body, { kind: 'whole' }>).bytes;
}

/** Reads a body whole, or hands it over as a stream when `rules.streams` says so at its first bytes. */
export function openBody(request: IncomingMessage, response: ServerResponse, rules: BodyRules): Promise<Body> {
  if (!hasBody(request)) throw new Problem('empty-body', { hint: 'send an XML document as the body' });
  const announced = Number(request.headers['content-length'] ?? 0);
  const most = Math.max(rules.limit, rules.streams === undefined ? 0 : (rules.streamLimit ?? 0));
  if (announced > most) throw tooLarge(most);
  const source = inflated(request);
  if (request.headers.expect !== undefined) response.writeContinue();

  return new Promise<Body>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let received = 0;
    let lookAt = rules.streams === undefined ? Number.POSITIVE_INFINITY : 1;
    let holding = 0;
    let settled = false;

    const waiting = patience(rules.times.patience, rules.times.bytesPerSecond, () =>
      fail(new Problem('request-timeout', { hint: 'send the body faster, or in parts' })),
    );
    const hold = (bytes: number) => {
      rules.intake.held += bytes;
      holding += bytes;
    };
    const release = () => {
      rules.intake.held -= holding;
      holding = 0;
    };
    const detach = () => {
      settled = true;
      waiting.stop();
      request.off('data', onRaw);
      request.off('close', onClose);
      source.off('data', onData);
      source.off('end', onEnd);
      source.off('error', onError);
      // Whatever still goes wrong on a request that has been answered is of no interest, but must not end the process.
      source.on('error', () => {});
    };
    const fail = (error: Error) => {
      detach();
      if (source !== request) {
        request.unpipe();
        source.destroy();
      }
      reject(error);
    };
    // Counts what is sent, also when it inflates to nothing: endless empty gzip members are a body, too.
    const onRaw = (chunk: Buffer) => {
      received += chunk.length;
      waiting.end(chunk.length);
      if (received > most) fail(tooLarge(most));
      else waiting.begin();
    };
    const onData = (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      chunks.push(chunk);
      if (rules.intake.held + chunk.length > rules.limits.intakeBytes) {
        return fail(new Problem('overloaded', { detail: 'too many bodies are being received at once', retryAfter: 1 }));
      }
      hold(chunk.length);
      if (size >= lookAt) {
        const head = chunks.length === 1 ? chunk : Buffer.concat(chunks);
        const verdict = rules.streams?.(head);
        if (verdict === true) return handOver(head);
        // Looking again only after doubling: a head sent byte by byte must not cost the square of its length.
        lookAt = verdict === 'more' ? size * 2 : Number.POSITIVE_INFINITY;
      }
      if (size > rules.limit) fail(tooLarge(rules.limit));
    };
    const onEnd = () => {
      detach();
      if (size === 0) reject(new Problem('empty-body', { hint: 'send an XML document as the body' }));
      else resolve({ kind: 'whole', bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) });
    };
    const onError = (error: Error) => fail(source === request ? new ClientGone() : notInflatable(request, error));
    const onClose = () => {
      if (!request.complete) fail(new ClientGone());
    };
    const handOver = (head: Buffer) => {
      source.pause();
      detach();
      release();
      resolve({ kind: 'stream', bytes: rest(request, source, head, { ...rules, limit: most }) });
    };

    request.on('data', onRaw);
    request.on('close', onClose);
    source.on('data', onData);
    source.on('end', onEnd);
    source.on('error', onError);
    waiting.begin();
    // Until the answer is out the body is in somebody's hands.
    response.once('close', release);
  });
}

/** What follows the head of a streamed body; read only as fast as it is taken. */
async function* rest(request: IncomingMessage, source: Readable, head: Buffer, rules: BodyRules): AsyncGenerator<Uint8Array> {
  let broken: Error | undefined;
  const breakOff = (error: Error) => {
    broken ??= error;
    source.destroy(error);
  };
  const waiting = patience(rules.times.patience, rules.times.bytesPerSecond, () =>
    source === request ? request.socket.destroy() : breakOff(new Problem('request-timeout', { hint: 'send the body faster, or in parts' })),
  );
  const onClose = () => {
    if (!request.complete) breakOff(new ClientGone());
  };
  request.on('close', onClose);
  let size = head.length;
  try {
    yield head;
    waiting.begin();
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      waiting.end(chunk.length);
      size += chunk.length;
      if (size > rules.limit) throw tooLarge(rules.limit);
      yield chunk;
      waiting.begin();
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (broken !== undefined) throw broken;
    throw source === request ? new ClientGone() : notInflatable(request, error as Error);
  } finally {
    waiting.stop();
    request.off('close', onClose);
    if (source !== request) request.unpipe();
  }
}

/** The body without its content coding (RFC 9110 §8.4). */
function inflated(request: IncomingMessage): Readable {
  const coding = request.headers['content-encoding']?.trim().toLowerCase();
  if (coding === undefined || coding === 'identity' || coding === '') return request;
  if (coding === 'gzip' || coding === 'x-gzip') return request.pipe(createGunzip());
  if (coding === 'deflate') return request.pipe(createInflate());
  if (coding === 'br') return request.pipe(createBrotliDecompress());
  throw new Problem('unsupported-media-type', {
    detail: `the content coding "${coding.slice(0, 40)}" is not supported`,
    hint: 'send the body as it is, or as gzip, deflate or br',
  });
}

function notInflatable(request: IncomingMessage, cause: Error): Problem {
  return new Problem('bad-request', { detail: `the body is not valid ${request.headers['content-encoding']}`, cause });
}

function tooLarge(limit: number): Problem {
  return new Problem('document-too-large', {
    detail: `the body is larger than ${limit} bytes`,
    hint: 'the limit counts the bytes after inflating',
  });
}
