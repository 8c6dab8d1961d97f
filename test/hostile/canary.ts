import { once } from 'node:events';
import { createServer } from 'node:net';

/** The address that all outside hosts in the hostile files were replaced by. */
export const CANARY_PORT = 18_999;

/** Listens where hostile files point at; whoever connects has followed one of their references. */
export interface Canary {
  readonly contacts: () => number;
  close(): Promise<void>;
}

export async function listenAsCanary(): Promise<Canary> {
  let contacts = 0;
  const server = createServer((socket) => {
    contacts += 1;
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncanary');
  });
  server.listen(CANARY_PORT, '127.0.0.1');
  await once(server, 'listening');
  return {
    contacts: () => contacts,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
