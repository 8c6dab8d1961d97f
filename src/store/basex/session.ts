/**
 * One connection to BaseX: a request at a time, each within its time. A session that saw any error but one of the query
 * itself is thrown away, and so is one whose query failed: nobody knows what stands in its pipe.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { framed, type Incoming, incoming, message, proofOf } from './protocol.js';

/** Where a database is. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** BaseX answered, and the answer is no: `message` is its own words, `code` the error of the query, such as `XPST0003`. */
export class BaseXRefusal extends Error {
  readonly code: string | undefined;
  constructor(text: string) {
    super(text);
    this.name = 'BaseXRefusal';
    this.code = /\[(?:\w+:)?(\w+)\]/.exec(text)?.[1];
  }
}

export interface Query {
  /** the text is a constant of this program, or one that `vet` has read; values never stand in it */
  readonly text: string;
  /** name → value, bound as xs:string */
  readonly values?: Readonly<Record<string, string>>;
  /** ms for everything until the last byte */
  readonly patience: number;
}

export interface Session {
  /** A database command; values in it are checked names only. Resolves to its result. */
  command(text: string, patience: number): Promise<string>;
  /** Runs a query; its whole result. */
  query(query: Query): Promise<Buffer>;
  /** Runs a query; its result while it comes. Whoever stops reading ends the session. */
  stream(query: Query): AsyncIterable<Buffer>;
  readonly usable: boolean;
  end(): void;
}

/** ms for a connection and its greeting */
const GREETING_MS = 5000;

/** Rejects with `BaseXRefusal` for a wrong password, any other Error when there is nobody. */
export async function openSession(
  address: Address,
  password: string,
  { greetingMs = GREETING_MS }: { readonly greetingMs?: number } = {},
): Promise<Session> {
  const socket = connect(address.port, address.host);
  // Without this an update waits some 40 ms for a delayed acknowledgement.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  socket.on('error', () => undefined); // whoever waits is told through the reader
  const input = incoming(socket);
  const timed = within(socket, input, greetingMs, 'BaseX did not greet');
  try {
    await Promise.race([once(socket, 'connect'), timed.late]);
    const greeting = (await input.value()).toString('utf8');
    socket.write(Buffer.concat([framed(address.user), framed(proofOf(greeting, address.user, password))]));
    if ((await input.byte()) !== 0) throw new BaseXRefusal(`BaseX does not know the user "${address.user}" with that password.`);
    return sessionOver(socket, input);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    timed.done();
  }
}

function sessionOver(socket: Socket, input: Incoming): Session {
  let usable = true;
  let busy = false;
  socket.on('close', () => {
    usable = false;
  });
  const end = () => {
    usable = false;
    socket.destroy();
  };

  /** `value \0 0`, or a failure with BaseX's words after a status of 1 */
  async function status(): Promise<void> {
    if ((await input.byte()) !== 0) throw new BaseXRefusal((await input.value()).toString('utf8').trim());
  }

  async function* inTurn(patience: number, work: () => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    if (!usable || busy) throw new Error(busy ? 'The session is busy.' : 'BaseX closed the connection');
    busy = true;
    const timed = within(socket, input, patience, `BaseX did not answer within ${patience} ms`);
    let whole = false;
    try {
      yield* work();
      whole = true;
    } finally {
      timed.done();
      busy = false;
      if (!whole) end();
    }
  }

  async function* run({ text, values = {} }: Query): AsyncGenerator<Buffer> {
    socket.write(message(0, text));
    const id = (await input.value()).toString('utf8');
    await status();
    const names = Object.keys(values);
    socket.write(
      Buffer.concat([
        ...names.map((name) => message(3, id, `$${name}`, values[name] as string, 'xs:string')),
        message(5, id),
        message(2, id),
      ]),
    );
    for (const _ of names) {
      await input.value();
      await status();
    }
    yield* input.pieces();
    await status();
    await input.value();
    await status();
  }

  return {
    async command(text, patience) {
      const parts = inTurn(patience, async function* () {
        socket.write(framed(text));
        const result = await input.value();
        const info = (await input.value()).toString('utf8').trim();
        if ((await input.byte()) !== 0) throw new BaseXRefusal(info);
        yield result;
      });
      return (await collect(parts)).toString('utf8');
    },
    query: (query) => collect(inTurn(query.patience, () => run(query))),
    stream: (query) => inTurn(query.patience, () => run(query)),
    get usable() {
      return usable;
    },
    end,
  };
}

async function collect(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

/** Ends the connection when the time is over; whoever reads it is told why. */
function within(socket: Socket, input: Incoming, ms: number, why: string): { readonly late: Promise<never>; done(): void } {
  let reject: (error: Error) => void = () => undefined;
  const late = new Promise<never>((_resolve, no) => {
    reject = no;
  });
  late.catch(() => undefined);
  const timer = setTimeout(() => {
    const error = new Error(why);
    input.fail(error);
    reject(error);
    socket.destroy();
  }, ms);
  return { late, done: () => clearTimeout(timer) };
}
