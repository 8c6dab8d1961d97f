import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * One keep-alive HTTP/1.1 connection, one request at a time. It costs a tenth of what `fetch` does, so that on a
 * small machine a load generator measures the server and not itself; and tests see exactly what came over the wire.
 */
export interface Wire {
  request(method: string, path: string, options?: WireRequest): Promise<WireAnswer>;
  close(): void;
}

export interface WireRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** bytes with a Content-Length; pieces are sent chunked, as fast as the server takes them */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array | string>;
  /** ms without a complete answer after which the request fails and the connection is closed; default 60 000 */
  readonly timeout?: number;
}

export interface WireAnswer {
  readonly status: number;
  /** names in lower case */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** The connection is opened with the first request, and anew after it was closed. */
export function openWire(port: number, host = '127.0.0.1'): Wire {
  let socket: Socket | undefined;
  let waiting:
    | { readonly resolve: (answer: WireAnswer) => void; readonly reject: (error: Error) => void; readonly parser: Parser }
    | undefined;

  const fail = (from: Socket, error: Error) => {
    if (from !== socket) return;
    socket.destroy();
    socket = undefined;
    const open = waiting;
    waiting = undefined;
    const partial = open?.parser.atEnd();
    if (partial) open?.resolve(partial);
    else open?.reject(error);
  };

  const ensure = async (): Promise<Socket> => {
    if (socket && !socket.destroyed) return socket;
    const fresh = connect(port, host);
    fresh.setNoDelay(true);
    await once(fresh, 'connect');
    fresh.on('data', (chunk) => {
      if (fresh !== socket || !waiting) return;
      const answer = waiting.parser.push(chunk);
      if (!answer) return;
      const { resolve } = waiting;
      waiting = undefined;
      if (answer.headers.get('connection') === 'close') {
        fresh.destroy();
        socket = undefined;
      }
      resolve(answer);
    });
    fresh.on('error', (error) => fail(fresh, error));
    fresh.on('close', () => fail(fresh, new Error('the server closed the connection')));
    socket = fresh;
    return fresh;
  };

  return {
    async request(method, path, { headers = {}, body, timeout = 60_000 } = {}) {
      if (waiting) throw new Error('a request is under way on this connection');
      const out = await ensure();
      let timer: NodeJS.Timeout | undefined;
      const answered = new Promise<WireAnswer>((resolve, reject) => {
        waiting = { resolve, reject, parser: createParser(method) };
        timer = setTimeout(() => fail(out, new Error(`no answer within ${timeout} ms: ${method} ${path.slice(0, 80)}`)), timeout);
      }).finally(() => clearTimeout(timer));
      const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
      let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n`;
      for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
      if (bytes === undefined) out.write(`${head}\r\n`, 'latin1');
      else if (bytes instanceof Uint8Array)
        out.write(Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`, 'latin1'), bytes]));
      else {
        answered.catch(() => undefined);
        out.write(`${head}Transfer-Encoding: chunked\r\n\r\n`, 'latin1');
        for await (const piece of bytes) {
          if (!waiting) break; // answered before the end, e.g. 413
          const chunk = Buffer.from(piece);
          if (chunk.length === 0) continue;
          out.write(`${chunk.length.toString(16)}\r\n`);
          out.write(chunk);
          if (!out.write('\r\n')) await Promise.race([once(out, 'drain'), answered]).catch(() => undefined);
        }
        if (waiting) out.write('0\r\n\r\n');
      }
      return answered;
    },
    close() {
      const open = socket;
      if (open) fail(open, new Error('closed by the caller'));
    },
  };
}

interface Parser {
  push(chunk: Buffer): WireAnswer | undefined;
  /** the answer, when the end of the connection completes it */
  atEnd(): WireAnswer | undefined;
}

function createParser(method: string): Parser {
  let state: 'head' | 'length' | 'size' | 'data' | 'trailer' | 'until-close' = 'head';
  let rest: Buffer = Buffer.alloc(0);
  let status = 0;
  let headers = new Map<string, string>();
  const parts: Buffer[] = [];
  let missing = 0;
  const answer = (): WireAnswer => ({ status, headers, body: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts) });

  const line = (): string | undefined => {
    const end = rest.indexOf('\r\n');
    if (end < 0) return undefined;
    const text = rest.toString('latin1', 0, end);
    rest = rest.subarray(end + 2);
    return text;
  };
  /** moves up to `missing` bytes into the body; true when all came */
  const take = (): boolean => {
    if (rest.length > 0) parts.push(rest.subarray(0, missing));
    const taken = Math.min(missing, rest.length);
    rest = rest.subarray(taken);
    missing -= taken;
    return missing === 0;
  };

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        if (state === 'head') {
          const end = rest.indexOf('\r\n\r\n');
          if (end < 0) return undefined;
          const [first, ...lines] = rest.toString('latin1', 0, end).split('\r\n') as [string, ...string[]];
          rest = rest.subarray(end + 4);
          status = Number(first.split(' ')[1]);
          headers = new Map();
          for (const text of lines) headers.set(text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 1).trim());
          if (status >= 100 && status < 200) continue;
          const length = headers.get('content-length');
          if (method === 'HEAD' || status === 204 || status === 304) return answer();
          if (headers.get('transfer-encoding') === 'chunked') state = 'size';
          else if (length === undefined) state = 'until-close';
          else {
            state = 'length';
            missing = Number(length);
          }
        } else if (state === 'length') return take() ? answer() : undefined;
        else if (state === 'size') {
          const text = line();
          if (text === undefined) return undefined;
          missing = Number.parseInt(text, 16);
          state = missing === 0 ? 'trailer' : 'data';
        } else if (state === 'data') {
          if (!take()) return undefined;
          if (rest.length < 2) return undefined;
          rest = rest.subarray(2);
          state = 'size';
        } else if (state === 'trailer') {
          const text = line();
          if (text === undefined) return undefined;
          if (text === '') return answer();
        } else {
          parts.push(rest);
          rest = Buffer.alloc(0);
          return undefined;
        }
      }
    },
    atEnd: () => (state === 'until-close' ? answer() : undefined),
  };
}
