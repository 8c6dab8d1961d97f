/**
 * BaseX's server protocol (its documentation, "Server Protocol", 9.x), as much as the store speaks:
 *
 *     greeting  ← realm:nonce \0   → user \0 md5(md5(user:realm:password) nonce) \0   ← 0 | 1
 *     command   text \0                               ← result \0 info \0 status
 *     query     \0 xquery \0                          ← id \0 0
 *     bind      \3 id \0 name \0 value \0 type \0     ← \0 0
 *     execute   \5 id \0                              ← result \0 0   |   part of the result \0 1 error \0
 *     close     \2 id \0                              ← \0 0
 *
 * Spoken here and not through a package, because the one there is does not hold: a NUL in a document ended it and the rest
 * was run as a command, characters on a 4 KB border were lost, a refused value shifted every later answer by one, a wrong
 * password was thrown where nobody could catch it, and after a lost connection nobody was ever called back.
 * `test/store/basex-session.test.ts` makes each of these happen. Bytes 0x00 and 0xFF of a value travel with 0xFF before them.
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';

const NUL = Buffer.from([0]);
const ESCAPE = 0xff;

/** A value as it is sent: escaped, with the NUL that ends it. */
export function framed(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  // UTF-8 never holds 0xFF; 0x00 only when the text does
  if (!bytes.includes(0)) return Buffer.concat([bytes, NUL]);
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === 0) out.push(ESCAPE);
    out.push(byte);
  }
  return Buffer.from([...out, 0]);
}

export function message(code: number, ...values: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([code]), ...values.map(framed)]);
}

/** The answer to a greeting `realm:nonce`; a greeting without a realm is of a server older than 8. */
export function proofOf(greeting: string, user: string, password: string): string {
  const colon = greeting.lastIndexOf(':');
  const realm = greeting.slice(0, Math.max(colon, 0));
  const secret = colon < 0 ? md5(password) : md5(`${user}:${realm}:${password}`);
  return md5(`${secret}${greeting.slice(colon + 1)}`);
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

export interface Incoming {
  /** the next byte */
  byte(): Promise<number>;
  /** Bytes up to the NUL that ends the value, unescaped, as they come; the socket waits while they are not taken. */
  pieces(): AsyncIterable<Buffer>;
  value(): Promise<Buffer>;
  /** nothing more will be read: whoever waits is told so */
  fail(error: Error): void;
}

/** Reads a socket as the protocol's values and status bytes. A lost connection ends every wait with an error. */
export function incoming(socket: Socket): Incoming {
  const chunks = socket[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);
  let failed: Error | undefined;
  let wake: ((error: Error) => void) | undefined;

  async function more(): Promise<void> {
    while (pending.length === 0) {
      if (failed !== undefined) throw failed;
      const failure = new Promise<never>((_resolve, reject) => {
        wake = reject;
      });
      const next = chunks.next();
      next.catch(() => undefined); // when the failure came first
      const { value, done } = await Promise.race([next, failure]);
      wake = undefined;
      if (done) throw new Error('BaseX closed the connection');
      pending = value as Buffer;
    }
  }

  async function* pieces(): AsyncGenerator<Buffer> {
    let escaped = false;
    for (;;) {
      await more();
      if (escaped) {
        yield pending.subarray(0, 1);
        pending = pending.subarray(1);
        escaped = false;
        continue;
      }
      const nul = pending.indexOf(0);
      const mark = pending.indexOf(ESCAPE);
      const end = mark < 0 ? nul : nul < 0 ? mark : Math.min(nul, mark);
      const piece = end < 0 ? pending : pending.subarray(0, end);
      const ended = end >= 0 && end === nul;
      escaped = end >= 0 && end === mark;
      pending = end < 0 ? Buffer.alloc(0) : pending.subarray(end + 1);
      if (piece.length > 0) yield piece;
      if (ended) return;
    }
  }

  return {
    async byte() {
      await more();
      const byte = pending[0] as number;
      pending = pending.subarray(1);
      return byte;
    },
    pieces,
    async value() {
      const parts: Buffer[] = [];
      for await (const piece of pieces()) parts.push(piece);
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    },
    fail(error) {
      failed ??= error;
      wake?.(failed);
    },
  };
}
