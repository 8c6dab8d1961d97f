import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A client of BaseX's server protocol (documented under "Server Protocol" in BaseX's documentation, 9.x), as much of it
 * as tests and benchmarks need. One request at a time on a connection; requests made meanwhile wait.
 *
 *     command   text \0                        →  result \0 info \0 status      (status 0 = done, 1 = failed)
 *     create    \x08 name \0 xml \0            →  info \0 status
 *     replace   \x0C path \0 xml \0            →  info \0 status
 *     query     \0 xquery \0                   →  id \0 0
 *     execute   \x05 id \0                     →  result \0 0   |   partial \0 1 error \0
 *     close     \x02 id \0                     →  \0 0
 *
 * Bytes 0x00 and 0xFF inside a value are sent with 0xFF before them, both ways.
 */
export interface BaseXClient {
  /** A database command as typed in BaseX's console. */
  execute(command: string): Promise<{ readonly result: Buffer; readonly info: string }>;
  create(database: string, xml: string): Promise<void>;
  replace(path: string, xml: string): Promise<void>;
  /** Runs an XQuery on the opened database and returns its serialised result. */
  query(xquery: string): Promise<Buffer>;
  close(): void;
}

export async function connectBaseX(options: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}): Promise<BaseXClient> {
  const socket = connect(options.port, '127.0.0.1');
  // Without this every REPLACE waits some 40 ms for a delayed acknowledgement.
  socket.setNoDelay(true);
  const incoming = reader(socket);
  await once(socket, 'connect');
  const [realm, nonce] = (await incoming.value()).toString('utf8').split(':') as [string, string];
  const secret = md5(`${md5(`${options.user}:${realm}:${options.password}`)}${nonce}`);
  socket.write(Buffer.concat([sent(options.user), sent(secret)]));
  if ((await incoming.byte()) !== 0) {
    socket.destroy();
    throw new Error(`BaseX refused user ${options.user}`);
  }

  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
  const control = (code: number, ...values: string[]) =>
    inTurn(async () => {
      socket.write(Buffer.concat([Buffer.from([code]), ...values.map(sent)]));
      const info = (await incoming.value()).toString('utf8');
      if ((await incoming.byte()) !== 0) throw new Error(`BaseX: ${info}`);
    });
  /** `value \0 status`, with the message after a status of 1 */
  const answer = async () => {
    const value = await incoming.value();
    if ((await incoming.byte()) !== 0) throw new Error(`BaseX: ${(await incoming.value()).toString('utf8')}`);
    return value;
  };

  return {
    execute: (command) =>
      inTurn(async () => {
        socket.write(sent(command));
        const result = await incoming.value();
        const info = (await incoming.value()).toString('utf8');
        if ((await incoming.byte()) !== 0) throw new Error(`BaseX: ${info.trim()} (${command.slice(0, 80)})`);
        return { result, info };
      }),
    create: (database, xml) => control(8, database, xml),
    replace: (path, xml) => control(12, path, xml),
    query: (xquery) =>
      inTurn(async () => {
        socket.write(Buffer.concat([Buffer.from([0]), sent(xquery)]));
        const id = (await answer()).toString('utf8');
        socket.write(Buffer.concat([Buffer.from([5]), sent(id)]));
        try {
          return await answer();
        } finally {
          socket.write(Buffer.concat([Buffer.from([2]), sent(id)]));
          await answer();
        }
      }),
    close: () => socket.destroy(),
  };
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

function sent(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  // UTF-8 never holds 0xFF; 0x00 only when the text does.
  if (!bytes.includes(0)) return Buffer.concat([bytes, NUL]);
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === 0) out.push(0xff);
    out.push(byte);
  }
  return Buffer.from([...out, 0]);
}

const NUL = Buffer.from([0]);

/** Reads NUL-ended values and status bytes from a stream, without assembling what is still on its way more than once. */
function reader(socket: Socket) {
  let pending: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  let wake: (() => void) | undefined;
  let ended = undefined as Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    wake?.();
  };
  socket.on('data', (chunk) => {
    parts.push(chunk);
    wake?.();
  });
  socket.on('error', end);
  socket.on('close', () => end(new Error('BaseX closed the connection')));

  const more = async () => {
    if (parts.length === 0) {
      if (ended) throw ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
      if (parts.length === 0) throw ended ?? new Error('BaseX closed the connection');
    }
    pending = pending.length === 0 && parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat([pending, ...parts]);
    parts = [];
  };

  return {
    async byte(): Promise<number> {
      while (pending.length === 0) await more();
      const byte = pending[0] as number;
      pending = pending.subarray(1);
      return byte;
    },
    async value(): Promise<Buffer> {
      const done: Buffer[] = [];
      let escaped = false;
      for (;;) {
        if (pending.length === 0) await more();
        let start = 0;
        if (escaped) {
          done.push(pending.subarray(0, 1));
          start = 1;
          escaped = false;
        }
        const nul = pending.indexOf(0, start);
        const mark = pending.indexOf(0xff, start);
        if (nul >= 0 && (mark < 0 || nul < mark)) {
          done.push(pending.subarray(start, nul));
          pending = pending.subarray(nul + 1);
          return done.length === 1 ? (done[0] as Buffer) : Buffer.concat(done);
        }
        if (mark >= 0) {
          done.push(pending.subarray(start, mark));
          pending = pending.subarray(mark + 1);
          escaped = true;
        } else {
          done.push(pending.subarray(start));
          pending = Buffer.alloc(0);
        }
      }
    },
  };
}
