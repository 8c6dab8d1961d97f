import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { openWire } from './wire.js';

/** A server that answers every request with the given bytes, in pieces of the given size. */
async function answering(
  bytes: string,
  piece: number,
  end = false,
): Promise<{ readonly server: Server; readonly port: number; readonly received: () => string }> {
  let received = '';
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', async (chunk) => {
      received += chunk.toString('latin1');
      const whole = Buffer.from(bytes, 'utf8');
      for (let at = 0; at < whole.length; at += piece) {
        socket.write(whole.subarray(at, at + piece));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (end) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, received: () => received };
}

const CASES: readonly {
  readonly title: string;
  readonly bytes: string;
  readonly status: number;
  readonly body: string;
  readonly end?: boolean;
}[] = [
  { title: 'a length', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhé\r\n1', status: 200, body: 'hé\r\n1' },
  {
    title: 'chunks',
    bytes: 'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n',
    status: 201,
    body: 'abc0123456789',
  },
  {
    title: 'an interim answer first',
    bytes: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n',
    status: 422,
    body: '',
  },
  { title: 'no body', bytes: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, body: '' },
  {
    title: 'the end of the connection',
    bytes: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end',
    status: 200,
    body: 'to the end',
    end: true,
  },
];

describe('The wire client', () => {
  for (const { title, bytes, status, body, end } of CASES) {
    for (const piece of [1, 7, 10_000]) {
      it(`reads an answer delimited by ${title}, ${piece} bytes at a time, twice`, async () => {
        const { server, port } = await answering(bytes, piece, end);
        const wire = openWire(port);
        try {
          for (let n = 0; n < 2; n++) {
            const answer = await wire.request('GET', '/');
            expect(answer.status).to.equal(status);
            expect(answer.body.toString('utf8')).to.equal(body);
          }
        } finally {
          wire.close();
          server.close();
        }
      });
    }
  }

  it('fails when the connection ends within an answer, and connects anew for the next', async () => {
    const { server, port } = await answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut', 10_000, true);
    const wire = openWire(port);
    try {
      for (let n = 0; n < 2; n++) {
        const error = await wire.request('GET', '/').catch((reason: Error) => reason);
        expect(error).to.be.instanceOf(Error).with.property('message', 'the server closed the connection');
      }
    } finally {
      wire.close();
      server.close();
    }
  });

  it('sends a stream in chunks', async () => {
    const { server, port, received } = await answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 10_000);
    const wire = openWire(port);
    async function* body() {
      yield 'abc';
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield 'é';
    }
    await wire.request('POST', '/x', { body: body() }).catch(() => undefined);
    wire.close();
    server.close();
    expect(received()).to.match(/^POST \/x HTTP\/1.1\r\n.*Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n/s);
  });
});
